/** Words for what a person may meet when answering a question about coverage, keyed by code. */
interface Words {
  readonly happened: string;
  readonly meaning: string;
  readonly todo: string;
}

export const COVERAGE_ERRORS: Readonly<Record<string, Words>> = {
  "coverage.no_reason": { happened: "The answer has no reason, or one that cannot be kept.", meaning: "The question stays open.", todo: "Say why in one line of 5 to 500 characters, without names of customers or e-mail addresses." },
  "coverage.not_open": { happened: "This question has been answered already, or what it was about has gone.", meaning: "The first answer stands.", todo: "Reload the page to see it." },
};
