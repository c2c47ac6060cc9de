/** The sample "mysql" saved and restored by Velero: its scripts with three real servers of each engine that the machine has. */
import assert from "node:assert/strict";
import { MYSQL_SERVERS } from "../../../components/samples/mysqlConfig";
import { MYSQL_ENGINES } from "./engines";
import { has, ROWS } from "./rows";
import type { TestServers } from "./servers";
import { withServers } from "./suite";

for (const engine of MYSQL_ENGINES)
  describe(`servers of the sample mysql that are saved and restored, ${engine}`, function () {
    let servers: TestServers;
    withServers(this, engine, (started) => (servers = started));

    it("begin anew with what the dump has, where a backup is restored, and once only", async () => {
      // Whoever was the primary when it was made, the first one leads.
      const { code, said } = await servers.promote("mysql-1");
      assert.equal(code, 0, said);
      servers.sql("mysql-1", "CREATE TABLE app.numbers (n INT PRIMARY KEY)", "app");
      servers.sql("mysql-1", "INSERT INTO app.numbers VALUES (1)", "app");
      servers.sql("mysql-1", "CREATE PROCEDURE app.answer() SELECT 42", "app");
      for (const name of MYSQL_SERVERS) servers.backUp(name);
      const saved = servers.sql("mysql-1", ROWS);
      servers.sql("mysql-1", "INSERT INTO app.numbers VALUES (9000)", "app");
      await Promise.all(MYSQL_SERVERS.map((name) => servers.kill(name)));
      servers.restored("daily-1");
      for (const name of MYSQL_SERVERS) servers.boot(name);
      await servers.until({ "mysql-0": "primary", "mysql-1": "replica", "mysql-2": "replica" }, 50);
      for (const name of MYSQL_SERVERS) {
        assert.equal(servers.sql(name, ROWS), saved);
        assert.equal(servers.sql(name, "CALL app.answer()", "app"), "42");
      }
      servers.sql("mysql-0", "INSERT INTO app.numbers VALUES (9001)", "app");
      await Promise.all(MYSQL_SERVERS.map((name) => servers.kill(name)));
      for (const name of MYSQL_SERVERS) servers.boot(name);
      await servers.until({ "mysql-0": "primary", "mysql-1": "replica", "mysql-2": "replica" });
      for (const name of MYSQL_SERVERS) await has(servers, name, [9001]);
    });

    it("dump without the primary too, and are led by the first with a dump where that is restored", async () => {
      const writer = servers.writer("mysql-0", 10_000);
      await writer.until(100);
      await writer.end();
      const rows = servers.sql("mysql-0", ROWS).split("\n").map(Number);
      // One that lacks a commit whose primary is gone dumps nothing.
      for (const name of ["mysql-1", "mysql-2"] as const) await has(servers, name, rows);
      await servers.kill("mysql-0");
      for (const name of ["mysql-1", "mysql-2"] as const) servers.backUp(name);
      await Promise.all([servers.kill("mysql-1"), servers.kill("mysql-2")]);
      // Velero saves no volume of a pod that does not run; the pod comes back with an empty one.
      servers.wipe("mysql-0");
      servers.restored("");
      servers.boot("mysql-0");
      servers.restored("daily-2");
      for (const name of ["mysql-1", "mysql-2"] as const) servers.boot(name);
      await servers.until({ "mysql-0": "replica", "mysql-1": "primary", "mysql-2": "replica" }, 50);
      for (const name of MYSQL_SERVERS) await has(servers, name, writer.acknowledged);
    });

    it("keep what a restore brought until it is loaded, also if a backup is made before", async () => {
      for (const name of MYSQL_SERVERS) servers.backUp(name);
      const saved = servers.sql("mysql-1", ROWS);
      await Promise.all(MYSQL_SERVERS.map((name) => servers.kill(name)));
      servers.restored("daily-3");
      for (const name of ["mysql-0", "mysql-1"] as const) servers.boot(name);
      await servers.until({ "mysql-0": /^waiting: no data here/, "mysql-1": /^waiting: no data here/ }, 50);
      assert.throws(() => servers.backUp("mysql-0"), /no server is in service/);
      servers.boot("mysql-2");
      await servers.until({ "mysql-0": "primary", "mysql-1": "replica", "mysql-2": "replica" }, 50);
      for (const name of MYSQL_SERVERS) assert.equal(servers.sql(name, ROWS), saved);
    });

    it("open nobody where a restore brought no dump", async () => {
      await Promise.all(MYSQL_SERVERS.map((name) => servers.kill(name)));
      servers.restored("daily-4");
      for (const name of ["mysql-1", "mysql-2"] as const) servers.boot(name);
      // The StatefulSet made this one, with an empty volume.
      servers.wipe("mysql-0");
      servers.restored("");
      servers.boot("mysql-0");
      const waiting = "waiting: restored without a dump; next: restore another backup";
      await servers.until({ "mysql-0": waiting, "mysql-1": waiting, "mysql-2": waiting }, 50);
      for (const name of MYSQL_SERVERS) {
        assert.ok(!servers.probe(name, "ready"), name);
        assert.equal(servers.sql(name, "SELECT @@read_only"), "1");
      }
    });
  });
