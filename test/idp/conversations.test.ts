import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "@jest/globals";
import { parseConversation } from "./conversation.js";
import { replay } from "./replay.js";

const HERE = new URL("./", import.meta.url);

const folders = readdirSync(HERE, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe.each(folders)("conversations of %s", (folder) => {
  const directory = new URL(`${folder}/`, HERE);
  const files = readdirSync(directory).filter((file) => file.endsWith(".json"));

  it.each(files)("%s goes as it is written", async (file) => {
    await replay(parseConversation(readFileSync(new URL(file, directory), "utf8")));
  });
});
