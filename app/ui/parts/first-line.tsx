/** The first line of a screen: the answer to its one question, in words, before anything else. */
import { Box, Card, InlineStack, Text } from "@shopify/polaris";
import type { ReactNode } from "react";

export function FirstLine({ badge, children, below }: { badge?: ReactNode; children: ReactNode; below?: ReactNode }) {
  return (
    <Card>
      <div className="hf-first-line">
        {badge ? <InlineStack>{badge}</InlineStack> : null}
        <Text as="p" variant="headingLg" fontWeight="semibold">{children}</Text>
        {below ? <Box>{below}</Box> : null}
      </div>
    </Card>
  );
}
