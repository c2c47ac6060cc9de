import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { renderScript, sha256, type ScriptParts } from "../../../components/host/script";

const PRINT = 'main() {\n  "$1" "${@:2}"\n}\n';

function parts(more: Partial<ScriptParts> = {}): ScriptParts {
  return { role: "test", variables: {}, shell: [PRINT], ...more };
}

function run(script: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("bash", ["-s", ...args], { input: script, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout;
}

describe("renderScript", () => {
  it("is strict, and calls main last, so that half a script does nothing", () => {
    const text = renderScript(parts());
    assert.match(text, /^#!\/usr\/bin\/env bash\n/);
    assert.match(text, /^set -Eeuo pipefail$/m);
    assert.match(text, /^umask 022$/m);
    assert.ok(text.endsWith('main "$@"\n'));
    for (let length = 0; length < text.length - 10; length += 7) {
      const { stdout } = spawnSync("bash", ["-s", "echo", "ran"], {
        input: text.slice(0, length),
        encoding: "utf8",
      });
      assert.ok(!stdout.includes("ran"), `cut at ${length}`);
    }
  });

  it("hands out any value of a variable and any text of a file unchanged", () => {
    const anyText = fc.string({ unit: "grapheme", maxLength: 40 }).filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(anyText, anyText, (value, file) => {
        const script = renderScript(
          parts({
            variables: { VALUE: value },
            files: { one: file, two: "2" },
            shell: [`${PRINT}show() { printf %s "$VALUE"; }`],
          }),
        );
        assert.equal(run(script, "show"), value);
        assert.equal(run(script, "embedded", "one"), file.replace(/\n?$/, "\n"));
      }),
      { numRuns: 40 },
    );
  });

  it("fails for a file that is not in it", () => {
    const { status } = spawnSync("bash", ["-s", "embedded", "none"], {
      input: renderScript(parts({ files: { a: "b" } })),
    });
    assert.equal(status, 1);
  });

  it("refuses a file that holds the mark of its end", () => {
    assert.throws(
      () => renderScript(parts({ files: { "etc.conf": "a\nHA_KUBERNETES_EOF\nrm -rf /" } })),
      /^Error: the file etc\.conf holds the word HA_KUBERNETES_EOF$/,
    );
  });

  it("takes off what editors and shellcheck need at the top of a file, and nothing below", () => {
    const file =
      "#!/usr/bin/env bash\n# shellcheck disable=SC2154\nset -euo pipefail\n\n# Why.\nf() {\n  # shellcheck disable=SC2086\n  echo $1\n}\n";
    const text = renderScript(parts({ shell: [file, PRINT] }));
    assert.ok(text.includes("\n\n# Why.\nf() {\n  # shellcheck disable=SC2086\n  echo $1\n}\n\nmain() {"));
    assert.equal(text.match(/^#!/gm)?.length, 1);
    assert.equal(text.match(/^set -/gm)?.length, 1);
  });

  it("gives the same text for the same parts, whose sum is sha256sum's", () => {
    const [one, two] = [renderScript(parts()), renderScript(parts())];
    assert.equal(one, two);
    const sum = spawnSync("sha256sum", { input: one, encoding: "utf8" }).stdout.slice(0, 64);
    assert.equal(sha256(one), sum);
  });
});
