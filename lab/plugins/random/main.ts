/** The process of the stand-in for pulumi-random. */
import { version } from "@pulumi/random/package.json";
import { serve } from "../wire/serve";
import { randomBytes, randomId } from "./bytes";
import { randomPassword, randomString } from "./texts";

void serve({
  name: "random",
  version,
  acceptsSecrets: false,
  resources: {
    "random:index/randomPassword:RandomPassword": randomPassword,
    "random:index/randomString:RandomString": randomString,
    "random:index/randomId:RandomId": randomId,
    "random:index/randomBytes:RandomBytes": randomBytes,
  },
});
