/** The door: recovery behind the command, and the program and words that go into a vault. */
export { packageVersion, recoveryKit, recoveryOfThisVersion, recoveryProgram } from "./bundle.ts";
export { RecoverError, type RecoverErrorCode } from "./errors.ts";
export { recover, type Recovered, type RecoverOptions, type RecoverReport } from "./recover.ts";
export { inWords } from "./words.ts";
