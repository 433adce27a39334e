/** OpenSSH's own server with its SFTP subsystem, on a free port, for the user who runs the tests. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { freePorts, listens, stopProcess, until } from "./process.ts";

/** Debian's package and where it lands: bin/test.ts installs it. */
export const SSHD_PACKAGES = { "openssh-server": "/usr/sbin/sshd" } as const;

export const sshdIsHere = (): boolean => existsSync(SSHD_PACKAGES["openssh-server"]);

export interface SshServer {
  readonly port: number;
  readonly user: string;
  readonly privateKey: string;
  /** "SHA256:…" */
  readonly hostKey: string;
  /** A line for known_hosts. */
  readonly knownHosts: string;
  /** A directory of the server's that may be written. */
  readonly directory: string;
  stop(): Promise<void>;
}

export async function startSshd(): Promise<SshServer> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-sshd-"));
  const [port] = (await freePorts(1)) as [number];
  const directory = join(folder, "vaults");
  mkdirSync(directory);
  // sshd drops privileges into this directory; systemd would have made it.
  if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true });
  const keygen = (...args: string[]): string => {
    const done = spawnSync("ssh-keygen", args, { encoding: "utf8" });
    if (done.status !== 0) throw new Error(`ssh-keygen: ${done.stderr}`);
    return done.stdout;
  };
  for (const name of ["host", "client"]) keygen("-q", "-t", "ed25519", "-N", "", "-C", "synthetic", "-f", join(folder, name));
  writeFileSync(join(folder, "authorized"), readFileSync(join(folder, "client.pub")), { mode: 0o600 });
  writeFileSync(join(folder, "conf"), [
    `Port ${port}`, "ListenAddress 127.0.0.1", `HostKey ${join(folder, "host")}`, `PidFile ${join(folder, "pid")}`, `AuthorizedKeysFile ${join(folder, "authorized")}`,
    "StrictModes no", "PasswordAuthentication no", "PermitRootLogin prohibit-password", "UsePAM no", "Subsystem sftp internal-sftp", "ForceCommand internal-sftp", "",
  ].join("\n"));
  const child = spawn("/usr/sbin/sshd", ["-D", "-f", join(folder, "conf"), "-E", join(folder, "log")], { stdio: "ignore" });
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined) await stopProcess(child.pid);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until("sshd", 15_000, () => listens(port));
  } catch (error) {
    await stop();
    throw error;
  }
  const hostKey = keygen("-l", "-E", "sha256", "-f", join(folder, "host.pub")).split(" ")[1] ?? "";
  const [type, blob] = readFileSync(join(folder, "host.pub"), "utf8").split(" ");
  return { port, user: userInfo().username, privateKey: readFileSync(join(folder, "client"), "utf8"), hostKey, knownHosts: `[127.0.0.1]:${port} ${type} ${blob}\n`, directory, stop };
}
