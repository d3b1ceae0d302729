import { beforeEach, describe, expect, it } from "@jest/globals";
import type { Account } from "../../src/directory/account.js";
import { Slices } from "../../src/directory/slices.js";
import { UserIndex } from "../../src/directory/user-index.js";
import { account, attributes, sid } from "../support/example-accounts.js";

describe("derived userNames", () => {
  let index: UserIndex;

  beforeEach(() => {
    index = new UserIndex({
      emailDomain: undefined,
      showsOwner: true,
      showsClosed: true,
      slices: new Slices(),
    });
  });

  function report(...accounts: Account[]): void {
    for (const account of accounts) index.report(account, index.tick());
  }

  function write(account: Account, userName: string): void {
    index.write(account, {
      accountSid: account.sid,
      attributes: attributes(userName),
      friendlyName: account.friendlyName,
      updatedAt: 0,
    });
  }

  const named = (number: number, friendlyName: string) => account(number, { friendlyName });
  const userName = (number: number) => index.known(sid(number))?.attributes.userName;

  it("are the friendly name, without the space around it", () => {
    report(named(1, " Sales "));
    expect(userName(1)).toBe("Sales");
  });

  it("are unique without case: who comes second has the SID in it", () => {
    report(named(1, "Sales"), named(2, "SALES"), named(3, "sales"));
    expect([userName(1), userName(2), userName(3)]).toEqual([
      "Sales",
      `SALES (${sid(2)})`,
      `sales (${sid(3)})`,
    ]);
  });

  it("are the SID where the friendly name is empty", () => {
    report(named(1, ""), named(2, "  "));
    expect([userName(1), userName(2)]).toEqual([sid(1), sid(2)]);
  });

  it("avoid every name that a provider wrote for another account", () => {
    write(named(1, "One"), "Sales");
    write(named(2, "Two"), `sales (${sid(4)})`);
    write(named(3, "Three"), sid(4).toLowerCase());
    report(named(4, "Sales"));
    expect(userName(4)).toBe(`${sid(4)} 2`);
  });

  it("avoid a name that a change in progress is about to take", () => {
    const release = index.reserveUserName("sales");
    report(named(1, "Sales"));
    release();
    expect(userName(1)).toBe(`Sales (${sid(1)})`);
  });

  it("stay when the account with the bare name is closed, and nobody inherits that", () => {
    report(named(1, "Sales"), named(2, "Sales"));
    report({ ...named(1, "Sales"), status: "closed" });
    report({ ...named(2, "Sales"), status: "suspended" });
    expect([userName(1), userName(2)]).toEqual(["Sales", `Sales (${sid(2)})`]);
  });

  it("give the name of a closed account to the next one that comes", () => {
    report(named(1, "Sales"), named(2, "Sales"));
    report({ ...named(1, "Sales"), status: "closed" });
    report(named(3, "Sales"));
    expect(userName(3)).toBe("Sales");
  });

  it("give the name of a forgotten account to the next one that comes", () => {
    report(named(1, "Sales"));
    index.forget(sid(1));
    report(named(3, "Sales"));
    expect(userName(3)).toBe("Sales");
  });

  it("leave the bare name to an open account where an older one is closed when it is first seen", () => {
    report({ ...named(1, "Sales"), status: "closed" }, named(2, "Sales"));
    expect([userName(1), userName(2)]).toEqual(["Sales", "Sales"]);
    report({ ...named(3, "Sales"), status: "closed" });
    expect(userName(3)).toBe("Sales");
  });

  it("change with the account's own friendly name, and no other's does", () => {
    report(named(1, "Sales"), named(2, "Sales"), named(3, "Support"));
    report(named(1, "Support"));
    expect([userName(1), userName(2), userName(3)]).toEqual([
      `Support (${sid(1)})`,
      `Sales (${sid(2)})`,
      "Support",
    ]);
  });

  it("follow a change of case in the friendly name", () => {
    report(named(1, "sales"));
    report(named(1, "Sales"));
    expect(userName(1)).toBe("Sales");
  });

  it("follow a friendly name that the answer to a write reveals", () => {
    report(named(1, "Sales"));
    index.write(named(1, "Support"), undefined);
    expect(userName(1)).toBe("Support");
    expect(index.stored(sid(1))?.derivedUserName).toBe("Support");
  });

  it("never replace the userName that a provider wrote", () => {
    write(named(1, "Sales"), "ada");
    report(named(1, "Support"));
    expect(userName(1)).toBe("ada");
    expect(index.stored(sid(1))?.derivedUserName).toBe("Sales");
  });

  describe("that are held for a change", () => {
    it("are refused to others, in other case too, until they are given back", () => {
      const release = index.reserveUserName("Ada");
      expect(() => index.reserveUserName("ADA")).toThrow(expect.objectContaining({ code: "userNameTaken" }));
      release();
      index.reserveUserName("ADA");
    });

    it("are refused where an open account has them, derived or written, in other case too", () => {
      report(named(1, "Sales"));
      write(named(2, "Two"), "Ada");
      for (const taken of ["SALES", "ada"]) {
        expect(() => index.reserveUserName(taken)).toThrow(
          expect.objectContaining({ code: "userNameTaken" }),
        );
        expect(() => index.reserveUserName(taken, sid(3))).toThrow(
          expect.objectContaining({ code: "userNameTaken" }),
        );
      }
    });

    it("are granted to the account that has them already", () => {
      report(named(1, "Sales"));
      expect(() => index.reserveUserName("SALES", sid(1))).not.toThrow();
    });

    it("are granted where only a closed account shows them", () => {
      report({ ...named(1, "Sales"), status: "closed" });
      expect(() => index.reserveUserName("Sales")).not.toThrow();
    });
  });
});
