/** The door: who may do what, as pure decisions. */
export { actorName, type Actor } from "./actor.ts";
export { mayRequest, type AccessRefusal, type Action, type Decision } from "./may-request.ts";
