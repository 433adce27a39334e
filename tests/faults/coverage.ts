/** Which parts of app/ ran, as V8 counts them: what makes fuzzing find its way. */
import { Session } from "node:inspector/promises";

export class Coverage {
  private readonly session = new Session();
  private readonly seen = new Set<string>();

  async start(): Promise<void> {
    this.session.connect();
    await this.session.post("Profiler.enable");
    await this.session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    await this.session.post("Profiler.takePreciseCoverage");
  }

  /** Whether something ran since the last call that had never run before, counting how often by orders of magnitude. */
  async isNew(): Promise<boolean> {
    const { result } = await this.session.post("Profiler.takePreciseCoverage");
    let fresh = false;
    for (const script of result) {
      if (!script.url.includes("/app/")) continue;
      for (const { ranges } of script.functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          if (count === 0) continue;
          const mark = `${script.scriptId} ${startOffset} ${endOffset} ${Math.floor(Math.log2(count))}`;
          if (!this.seen.has(mark)) {
            this.seen.add(mark);
            fresh = true;
          }
        }
      }
    }
    return fresh;
  }

  get size(): number {
    return this.seen.size;
  }

  async stop(): Promise<void> {
    await this.session.post("Profiler.stopPreciseCoverage");
    this.session.disconnect();
  }
}
