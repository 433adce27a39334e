// Preloaded into a program that must not reach the network: connections leave for this machine only, and every other attempt is written down (LOOPBACK_ONLY_LOG).
const { appendFileSync } = require("node:fs");
const net = require("node:net");

const log = process.env["LOOPBACK_ONLY_LOG"] ?? "/dev/null";
/** @type {(this: import("node:net").Socket, ...args: any[]) => import("node:net").Socket} */
const connect = net.Socket.prototype.connect;
/**
 * @this {import("node:net").Socket}
 * @param {any[]} args
 */
net.Socket.prototype.connect = function (...args) {
  const given = Array.isArray(args[0]) ? args[0][0] : args[0];
  const host = typeof given === "object" && given !== null ? (given.host ?? "127.0.0.1") : "127.0.0.1";
  if (typeof given === "object" && given !== null && given.path === undefined && !["127.0.0.1", "localhost", "::1"].includes(host)) {
    appendFileSync(log, `${host}\n`);
    process.nextTick(() => this.destroy(Object.assign(new Error("no network here"), { code: "ENETUNREACH" })));
    return this;
  }
  return connect.apply(this, args);
};
