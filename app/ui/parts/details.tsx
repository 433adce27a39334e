/** Something most people do not need, folded away behind a button that says whether it is open. */
import { BlockStack, Button, Card, Collapsible } from "@shopify/polaris";
import { useId, useState } from "react";
import type { ReactNode } from "react";

export function Details({ title, children }: { title: string; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <Card>
      <BlockStack gap="300">
        <div>
          <Button variant="plain" textAlign="left" disclosure={open ? "up" : "down"} ariaExpanded={open} ariaControls={id} onClick={() => setOpen(!open)}>{title}</Button>
        </div>
        <Collapsible id={id} open={open} transition={false}>{children}</Collapsible>
      </BlockStack>
    </Card>
  );
}
