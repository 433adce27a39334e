/** Where somebody lands who opens the app outside of a shop's admin: names the shop, and is sent there. */
import { json } from "@remix-run/node";
import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { Form, useActionData, useLoaderData } from "@remix-run/react";
import { AppProvider, Button, Card, FormLayout, Page, Text, TextField } from "@shopify/polaris";
import polarisStyles from "@shopify/polaris/build/esm/styles.css?url";
import translations from "@shopify/polaris/locales/en.json" with { type: "json" };
import { useState } from "react";

export const links = () => [{ rel: "stylesheet", href: polarisStyles }];
export const meta = () => [{ title: "Holdfast: sign in" }];

const login = async ({ request, context }: LoaderFunctionArgs | ActionFunctionArgs) => json(await context.app.shopify.login(request));
export const loader = (args: LoaderFunctionArgs) => login(args);
export const action = (args: ActionFunctionArgs) => login(args);

const WORDING = {
  missing: "Enter your shop's domain, for example example.myshopify.com",
  invalid: "That is not the domain of a Shopify shop. It ends in .myshopify.com",
} as const;

export default function Login() {
  const found = useLoaderData<typeof loader>();
  const problem = (useActionData<typeof action>() ?? found).shop;
  const [shop, setShop] = useState("");
  return (
    <AppProvider i18n={translations}>
      <Page narrowWidth>
        <Card>
          <Form method="post">
            <FormLayout>
              <Text variant="headingMd" as="h1">
                Open Holdfast in your shop
              </Text>
              <TextField
                type="text"
                name="shop"
                label="Shop domain"
                helpText="example.myshopify.com"
                value={shop}
                onChange={setShop}
                autoComplete="on"
                error={problem && WORDING[problem]}
              />
              <Button submit variant="primary">
                Continue
              </Button>
            </FormLayout>
          </Form>
        </Card>
      </Page>
    </AppProvider>
  );
}
