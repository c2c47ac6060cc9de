import { randomBytes } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { answersBeside, startBeside, untilItAnswers } from "./beside";
import { OBJECT_STORE, type Lab } from "./lab";

/** The bucket that is always there. */
export const BUCKET = "backups";

/** Keys of the lab's object store. */
export interface StoreKeys {
  readonly accessKey: string;
  readonly secretKey: string;
}

/**
 * Serves a folder of the lab as an S3 store on the lab's bridge, as a site's own would; started once, ends with the lab's
 * namespace. Gives its keys. `anew`: without what an earlier cluster kept there, whose password is gone with it.
 */
export async function serveObjectStore(lab: Lab, program: string, anew: boolean): Promise<StoreKeys> {
  const folder = join(lab.dir, "object-store");
  if (anew) await rm(join(folder, "data", BUCKET), { recursive: true, force: true });
  // A folder is a bucket; what objects say of themselves lies beside it, as not every disk has extended attributes.
  await mkdir(join(folder, "data", BUCKET), { recursive: true, mode: 0o700 });
  await mkdir(join(folder, "metadata"), { recursive: true, mode: 0o700 });
  const keys = await storeKeys(join(folder, "keys.json"));
  if (await answers(lab)) return keys;
  const address = `${OBJECT_STORE.address}:${OBJECT_STORE.port}`;
  const args = [
    "--port",
    address,
    "--quiet",
    "posix",
    "--sidecar",
    join(folder, "metadata"),
    join(folder, "data"),
  ];
  startBeside(lab, program, args, {
    ...process.env,
    ROOT_ACCESS_KEY_ID: keys.accessKey,
    ROOT_SECRET_ACCESS_KEY: keys.secretKey,
  });
  await untilItAnswers(`the object store on ${address}`, () => answers(lab));
  return keys;
}

/** The keys in the file; made the first time. */
async function storeKeys(file: string): Promise<StoreKeys> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text !== undefined) return JSON.parse(text) as StoreKeys;
  const keys = {
    accessKey: randomBytes(10).toString("hex"),
    secretKey: randomBytes(24).toString("base64url"),
  };
  await writeFile(file, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}

/** Whether anything is served there: without a key it is a refusal. */
function answers(lab: Lab): Promise<boolean> {
  const url = `http://${OBJECT_STORE.address}:${OBJECT_STORE.port}/`;
  return answersBeside(lab, ["-sS", "-o", "/dev/null", url]);
}
