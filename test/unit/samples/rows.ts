import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { MysqlServer } from "../../../components/spec/types";
import type { TestServers } from "./servers";

/** Asks for every row of app.numbers. */
export const ROWS = "SELECT n FROM app.numbers ORDER BY n";

/** What is not empty, if not now, then soon. */
export async function eventually(ask: () => string, seconds = 5): Promise<string> {
  for (const end = Date.now() + seconds * 1000; ; await sleep(50)) {
    const found = ask();
    if (found !== "") return found;
    assert.ok(Date.now() < end, "nothing was found");
  }
}

/** A server has these rows, if not now, then soon. */
export async function has(servers: TestServers, name: MysqlServer, rows: readonly number[]): Promise<void> {
  for (const end = Date.now() + 5000; ; await sleep(50)) {
    const there = new Set(servers.sql(name, ROWS).split("\n").map(Number));
    const lost = rows.filter((row) => !there.has(row));
    if (lost.length === 0) return;
    assert.ok(Date.now() < end, `${name} lacks ${lost.join(", ")}`);
  }
}
