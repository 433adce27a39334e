/**
 * A Ceph of one node with its S3 gateway, from Debian's packages, without systemd and without root's directories: monitor, one object
 * daemon that keeps everything in memory, radosgw. The one S3 server that Debian has with Object Lock.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { answers, freePorts, stopProcess, until } from "./process.ts";

export interface S3Server {
  readonly endpoint: string;
  readonly port: number;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Another user, who may do what bucket policies let `arn:aws:iam:::user/<name>`. */
  addUser(name: string): { readonly accessKeyId: string; readonly secretAccessKey: string };
  stop(): Promise<void>;
}

/** Debian's packages and where each lands: bin/test.ts installs them. */
export const CEPH_PACKAGES = { "ceph-mon": "/usr/bin/ceph-mon", "ceph-osd": "/usr/bin/ceph-osd", radosgw: "/usr/bin/radosgw", "ceph-common": "/usr/bin/ceph" } as const;

export const cephIsHere = (): boolean => Object.values(CEPH_PACKAGES).every((path) => existsSync(path));

export async function startCeph(): Promise<S3Server> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-ceph-"));
  const [v2, v1, port] = (await freePorts(3)) as [number, number, number];
  for (const name of ["mon", "osd", "run", "log"]) mkdirSync(join(folder, name));
  const conf = join(folder, "ceph.conf");
  writeFileSync(conf, configuration({ folder, v2, v1, port }));
  const env = { ...process.env, CEPH_CONF: conf, CEPH_ARGS: `--conf ${conf}` };
  const run = (command: string, ...args: string[]): string => {
    const done = spawnSync(command, args, { env, encoding: "utf8", timeout: 30_000 });
    if (done.status !== 0) throw new Error(`${command} ${args.join(" ")}: ${done.stderr || String(done.error)}`);
    return done.stdout;
  };
  /** Each daemon goes into the background by itself and leaves its process id. */
  const stop = async (): Promise<void> => {
    const pids = readdirSync(join(folder, "run")).filter((name) => name.endsWith(".pid")).map((name) => Number(readFileSync(join(folder, "run", name), "utf8")));
    for (const pid of pids.reverse()) await stopProcess(pid);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    run("ceph-authtool", "--create-keyring", join(folder, "mon.keyring"), "--gen-key", "-n", "mon.", "--cap", "mon", "allow *");
    run("ceph-mon", "--mkfs", "-i", "a", "--keyring", join(folder, "mon.keyring"));
    run("ceph-mon", "-i", "a");
    const uuid = randomUUID();
    run("ceph", "osd", "new", uuid, "0");
    run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", uuid);
    run("ceph", "osd", "crush", "add", "osd.0", "1.0", "root=default", "host=h");
    run("ceph-osd", "-i", "0");
    await until("the object daemon", 60_000, () => Promise.resolve(/\b1 up/.test(run("ceph", "osd", "stat"))));
    const gateway = spawn("radosgw", ["-n", "client.rgw"], { env, stdio: "ignore" });
    gateway.unref();
    await until("the S3 gateway", 90_000, () => answers(`http://127.0.0.1:${port}/`));
    const [accessKeyId, secretAccessKey] = ["holdfasttest", "synthetic-secret-of-a-test-server"];
    run("radosgw-admin", "user", "create", "--uid=test", "--display-name=test", `--access-key=${accessKeyId}`, `--secret=${secretAccessKey}`);
    const addUser: S3Server["addUser"] = (name) => {
      const user = { accessKeyId: `holdfast${name}`, secretAccessKey: `synthetic-secret-of-${name}` };
      run("radosgw-admin", "user", "create", `--uid=${name}`, `--display-name=${name}`, `--access-key=${user.accessKeyId}`, `--secret=${user.secretAccessKey}`);
      return user;
    };
    return { endpoint: `http://127.0.0.1:${port}`, port, accessKeyId, secretAccessKey, addUser, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** radosgw insists on authentication unless told otherwise in its own section too. */
function configuration({ folder, v2, v1, port }: { folder: string; v2: number; v1: number; port: number }): string {
  return `[global]
fsid = ${randomUUID()}
mon initial members = a
mon host = [v2:127.0.0.1:${v2}/0,v1:127.0.0.1:${v1}/0]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd crush chooseleaf type = 0
mon allow pool size one = true
mon allow pool delete = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
mon data avail crit = 1
osd objectstore = memstore
memstore device bytes = 4294967296
memstore page size = 65536
run dir = ${folder}/run
log file = ${folder}/log/$name.log
admin socket = ${folder}/run/$name.asok
pid file = ${folder}/run/$name.pid
crash dir = ${folder}/run
[mon.a]
mon data = ${folder}/mon
public addrv = [v2:127.0.0.1:${v2}/0,v1:127.0.0.1:${v1}/0]
[osd]
osd data = ${folder}/osd
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:${port} tcp_nodelay=1
rgw enable usage log = false
rgw dns name = localhost
ms mon client mode = crc
auth client required = none
keyring = /dev/null
rgw crypt require ssl = false
rgw s3 auth use keystone = false
`;
}
