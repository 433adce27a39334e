/** Flow's port in memory, for tests of whoever has something to tell: the same checks, and one event however often it is told. */
import type { FlowEvent, FlowEventName, FlowEvents } from "#app/workflows/ports/flow.ts";
import { checkedFacts } from "#app/workflows/flow/emit.ts";

export class FakeFlowEvents implements FlowEvents {
  readonly told: FlowEvent[] = [];

  readonly emit = <E extends FlowEventName>(event: FlowEvent<E>): Promise<void> => {
    checkedFacts(event);
    if (!this.told.some(({ shop, event: name, subject }) => shop === event.shop && name === event.event && subject === event.subject)) this.told.push(event as unknown as FlowEvent);
    return Promise.resolve();
  };

  names(shop?: string): readonly FlowEventName[] {
    return this.told.filter((event) => shop === undefined || event.shop === shop).map(({ event }) => event);
  }
}
