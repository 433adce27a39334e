/** What was refused lately, so that whoever asks again and again does not fill the log with the same line. */

export interface Refusals {
  /** True once an hour for each key. A process's own: where there are several, it may be true once in each of them. */
  isNew(key: string, at: Date): boolean;
}
