/** The door: who may do what, as pure decisions. */
export { actorName, type Actor } from "./actor.ts";
export { mayReceive, mayRequest, ROLES, type AccessRefusal, type Action, type Circumstances, type Decision, type Receiving, type Role } from "./may-request.ts";
