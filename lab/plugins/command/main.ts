/** The process of the stand-in for pulumi-command. */
import { version } from "@pulumi/command/package.json";
import { serve } from "../wire/serve";
import { remoteCommand } from "./command";
import { copyToRemote } from "./copy";

void serve({
  name: "command",
  version,
  acceptsSecrets: true,
  resources: { "command:remote:Command": remoteCommand, "command:remote:CopyToRemote": copyToRemote },
});
