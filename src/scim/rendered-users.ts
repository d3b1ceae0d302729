import type { AccountSid } from "../directory/account.js";
import type { Slices } from "../directory/slices.js";
import type { User } from "../directory/user.js";
import type { UserIndex } from "../directory/user-index.js";
import { type RenderedUser, renderToBytes } from "./rendered-user.js";

/** Gives users as they are sent. */
export type RenderUser = (user: User) => RenderedUser;

export interface RenderedUsersOptions {
  readonly index: Pick<UserIndex, "get" | "onChange">;
  readonly slices: Slices;
  /** Renders a user from the beginning. The default is `renderToBytes`. */
  readonly renderAnew?: RenderUser;
}

interface Kept {
  readonly user: User;
  readonly rendered: RenderedUser;
}

/**
 * All users that a client may see, rendered: each once, when it has changed, and in the background unless somebody asks
 * before.
 */
export function createRenderedUsers({
  index,
  slices,
  renderAnew = renderToBytes,
}: RenderedUsersOptions): RenderUser {
  const kept = new Map<AccountSid, Kept>();
  const due = new Map<AccountSid, User>();
  let isRendering = false;

  function render(user: User): RenderedUser {
    const { sid } = user.account;
    const known = kept.get(sid);
    if (known?.user === user) return known.rendered;
    const rendered = renderAnew(user);
    // Whoever is asked for may be older than the one that is known now.
    if (due.get(sid) === user) {
      due.delete(sid);
      kept.set(sid, { user, rendered });
    }
    return rendered;
  }

  async function renderBehind(): Promise<void> {
    if (isRendering) return;
    isRendering = true;
    const slice = slices.begin();
    await slice.next();
    for (const [sid, user] of due) {
      try {
        render(user);
      } catch {
        // Nobody has asked for it yet; whoever does is told.
        due.delete(sid);
      }
      if (slice.isOver()) await slice.next();
    }
    isRendering = false;
  }

  index.onChange({
    shown(user) {
      const { sid } = user.account;
      kept.delete(sid);
      due.delete(sid);
      if (index.get(sid) === undefined) return;
      due.set(sid, user);
      void renderBehind();
    },
    forgotten({ account: { sid } }) {
      kept.delete(sid);
      due.delete(sid);
    },
  });
  return render;
}
