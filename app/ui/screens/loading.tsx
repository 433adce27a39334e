/** What stands there while a screen loads, in the shape of what comes. */
import { BlockStack, Card, SkeletonBodyText, SkeletonDisplayText, SkeletonPage } from "@shopify/polaris";

export function LoadingScreen({ title, cards = 2 }: { title: string; cards?: number }) {
  return (
    <div aria-busy="true">
      <span className="hf-unseen" role="status">{`Loading ${title}`}</span>
      <SkeletonPage title={title} primaryAction>
        <BlockStack gap="400">
          <Card><BlockStack gap="300"><SkeletonDisplayText size="small" /><SkeletonBodyText lines={1} /></BlockStack></Card>
          {Array.from({ length: cards }, (_, i) => <Card key={i}><SkeletonBodyText lines={4} /></Card>)}
        </BlockStack>
      </SkeletonPage>
    </div>
  );
}
