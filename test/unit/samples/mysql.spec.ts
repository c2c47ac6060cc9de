/** The scripts of the sample "mysql" with three real servers of each engine that the machine has. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { MYSQL_SERVERS } from "../../../components/samples/mysqlConfig";
import { ENGINES, MYSQL_ENGINES } from "./engines";
import { eventually, has, ROWS } from "./rows";
import type { TestServers } from "./servers";
import { withServers } from "./suite";

for (const engine of MYSQL_ENGINES)
  describe(`servers of the sample mysql, ${engine}`, function () {
    let servers: TestServers;
    withServers(this, engine, (started) => (servers = started));

    it("follow the first primary, serve reads everywhere and writes there alone", async () => {
      servers.sql(
        "mysql-0",
        "CREATE TABLE app.numbers (n INT PRIMARY KEY); INSERT INTO app.numbers VALUES (1)",
        "app",
      );
      for (const name of MYSQL_SERVERS) {
        await has(servers, name, [1]);
        for (const what of ["alive", "ready", "role"])
          assert.ok(servers.probe(name, what), `${name} ${what}`);
      }
      for (const name of ["mysql-1", "mysql-2"] as const)
        assert.throws(() => servers.sql(name, "INSERT INTO app.numbers VALUES (2)", "app"), /read-only/);
    });

    it("answer no commit that no replica has, also when its client is cut off", async () => {
      await Promise.all([servers.kill("mysql-1"), servers.kill("mysql-2")]);
      const cutOff = servers.writer("mysql-0", 10);
      const clients = "SELECT id FROM information_schema.processlist WHERE user = 'app' AND info IS NOT NULL";
      const id = await eventually(() => servers.sql("mysql-0", clients));
      const waits = servers.writer("mysql-0", 20);
      await sleep(1000);
      servers.sql("mysql-0", `KILL ${id}`);
      await sleep(500);
      assert.deepEqual([cutOff.acknowledged, waits.acknowledged], [[], []]);
      servers.boot("mysql-1");
      await waits.until(20);
      await Promise.all([cutOff.end(), waits.end()]);
      assert.deepEqual(cutOff.acknowledged, []);
      await has(servers, "mysql-1", waits.acknowledged);
      servers.boot("mysql-2");
      await servers.until({ "mysql-0": "primary", "mysql-1": "replica", "mysql-2": "replica" });
    });

    it("lose no acknowledged commit with the primary: who lacks some is refused, who has all is promoted", async () => {
      await servers.leave("mysql-2");
      servers.sql("mysql-2", ENGINES[engine].stopReceiving);
      const writer = servers.writer("mysql-0", 1000);
      await writer.until(200);
      await servers.kill("mysql-0");
      await writer.end();
      const refused = await servers.promote("mysql-2");
      assert.equal(refused.code, 2, refused.said);
      assert.match(
        refused.said,
        /mysql-1 has transactions that mysql-2 lacks; next: write samples\.mysql\.primary: mysql-1/,
      );
      assert.equal(servers.sql("mysql-2", "SELECT term FROM ha_kubernetes.role"), "1");
      // Nobody is asked for writes, and reads go on.
      for (const name of ["mysql-1", "mysql-2"] as const) assert.ok(servers.probe(name, "ready"), name);
      servers.follow("mysql-2");
      const { code, said } = await servers.promote("mysql-1");
      assert.equal(code, 0, said);
      await has(servers, "mysql-1", writer.acknowledged);
      await has(servers, "mysql-2", writer.acknowledged);
      servers.sql("mysql-1", "INSERT INTO app.numbers VALUES (5000)", "app");
    });

    it("take the old primary back as a replica", async () => {
      const strays = "out of service: has transactions that mysql-1 lacks; next: rebuild this server";
      servers.boot("mysql-0");
      await servers.until({
        "mysql-0": /^replica$|^out of service/,
        "mysql-1": "primary",
        "mysql-2": "replica",
      });
      if (servers.state("mysql-0") === strays) {
        // It was killed with a commit in its log that no replica had, and nobody was told of.
        const kept = new Set(servers.sql("mysql-1", ROWS).split("\n"));
        assert.ok(
          servers
            .sql("mysql-0", ROWS)
            .split("\n")
            .some((row) => !kept.has(row)),
          "it has nothing of its own",
        );
        await servers.kill("mysql-0");
        servers.wipe("mysql-0");
        servers.boot("mysql-0");
      }
      await servers.until({ "mysql-0": "replica", "mysql-1": "primary", "mysql-2": "replica" }, 50);
      await has(servers, "mysql-0", [5000]);
      assert.throws(() => servers.sql("mysql-0", "INSERT INTO app.numbers VALUES (2)", "app"), /read-only/);
    });

    it("keep out an old primary with a commit that nobody else has, until it is rebuilt", async () => {
      await Promise.all([servers.kill("mysql-0"), servers.kill("mysql-2")]);
      const writer = servers.writer("mysql-1", 6000);
      await sleep(500);
      await servers.kill("mysql-1");
      await writer.end();
      assert.deepEqual(writer.acknowledged, []);
      for (const name of ["mysql-0", "mysql-2"] as const) servers.boot(name);
      await servers.until({ "mysql-0": "replica", "mysql-2": "replica" });
      const { code, said } = await servers.promote("mysql-2");
      assert.equal(code, 0, said);
      servers.sql("mysql-2", "INSERT INTO app.numbers VALUES (7000)", "app");
      servers.boot("mysql-1");
      await servers.until({
        "mysql-1": "out of service: has transactions that mysql-2 lacks; next: rebuild this server",
      });
      assert.ok(servers.probe("mysql-1", "alive") && !servers.probe("mysql-1", "ready"));
      servers.put("mysql-1", "dump.sql", "-- stale\n");
      assert.match(
        servers.backUp("mysql-1"),
        /nothing is dumped here \(out of service: .*\): mysql-0 is in service/,
      );
      assert.equal(servers.file("mysql-1", "dump.sql"), undefined);
      await servers.kill("mysql-1");
      servers.wipe("mysql-1");
      servers.boot("mysql-1");
      await servers.until({ "mysql-0": "replica", "mysql-1": "replica", "mysql-2": "primary" });
      await has(servers, "mysql-1", [1, 1000, 5000, 7000]);
      assert.ok(!servers.sql("mysql-1", ROWS).split("\n").includes("6000"));
    });

    it("begin anew where a clone, or the first start with it, was broken off", async () => {
      for (const [clone, anew] of Object.entries({ begun: true, started: true, made: false })) {
        await servers.kill("mysql-0");
        const before = servers.said("mysql-0").length;
        servers.put("mysql-0", "clone", `${clone}\n`);
        servers.boot("mysql-0");
        await servers.until({ "mysql-0": "replica" });
        const said = servers.said("mysql-0").slice(before);
        assert.equal(said.includes("a clone was broken off: begins anew"), anew, said);
        assert.equal(servers.file("mysql-0", "clone"), undefined);
        await has(servers, "mysql-0", [1, 1000, 5000, 7000]);
      }
    });

    // No server of MariaDB ends with its clone.
    if (engine === "mysql")
      it("are filled in spite of a kill at any moment of it", async () => {
        for (const moment of ["begun", "begun", "made", "started"]) {
          await servers.kill("mysql-0");
          servers.wipe("mysql-0");
          servers.boot("mysql-0");
          await eventually(() => (servers.file("mysql-0", "clone") === `${moment}\n` ? moment : ""), 30);
          await sleep(Math.random() * 1000);
          await servers.kill("mysql-0");
          servers.boot("mysql-0");
          await servers.until({ "mysql-0": "replica" }, 60);
          await has(servers, "mysql-0", [1, 1000, 5000, 7000]);
        }
      }).timeout(300_000);

    it("hand over under load, to one that was filled from a dump", async () => {
      const writer = servers.writer("mysql-2", 8000);
      await writer.until(50);
      const { code, said } = await servers.promote("mysql-1");
      await writer.end();
      assert.equal(code, 0, said);
      await has(servers, "mysql-1", writer.acknowledged);
      // The one that was the primary is closed, and has nothing that the new one lacks.
      await servers.until({ "mysql-0": "replica", "mysql-1": "primary", "mysql-2": "replica" });
      const again = await servers.promote("mysql-1");
      assert.equal(again.code, 0);
      assert.match(again.said, /is the primary already/);
    });

    it("open nobody who answers alone", async () => {
      await Promise.all([servers.kill("mysql-0"), servers.kill("mysql-1")]);
      const { code, said } = await servers.promote("mysql-2");
      assert.equal(code, 1, said);
      assert.match(said, /only mysql-2 answers: acknowledged commits may be on the others alone/);
      servers.put("mysql-2", "dump.sql", "-- stale\n");
      assert.throws(() => servers.backUp("mysql-2"), /only mysql-2 answers/);
      assert.equal(servers.file("mysql-2", "dump.sql"), undefined);
      // The primary itself, after a restart, waits for one that follows it.
      await servers.kill("mysql-2");
      servers.boot("mysql-1");
      await servers.until({ "mysql-1": /^waiting: no other server answers and follows/ });
      servers.boot("mysql-2");
      await servers.until({ "mysql-1": "primary", "mysql-2": "replica" });
    });

    it("start on no data that another engine has made", async () => {
      await servers.kill("mysql-2");
      const other = engine === "mysql" ? "mariadb" : "mysql";
      servers.put("mysql-2", "data/made", `${other}\n`);
      servers.boot("mysql-2");
      assert.match(
        await servers.refusal("mysql-2"),
        new RegExp(
          `made by ${other}, and the config says ${engine}; next: write samples\\.mysql\\.engine: ${other}`,
        ),
      );
      await servers.kill("mysql-2");
      servers.put("mysql-2", "data/made", "");
      servers.boot("mysql-2");
      await servers.until({ "mysql-2": "replica" });
    });
  });
