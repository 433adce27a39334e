-- What Shopify Flow is told, which triggers its workflows start with, and what it asks for.

CREATE TABLE "FlowDelivery" (
    "id" TEXT NOT NULL,
    "shop" TEXT NOT NULL,
    "event" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "facts" JSONB NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "nextAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),
    "code" TEXT,

    CONSTRAINT "FlowDelivery_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "FlowDelivery_shop_event_subject_key" ON "FlowDelivery"("shop", "event", "subject");
CREATE INDEX "FlowDelivery_state_nextAt_idx" ON "FlowDelivery"("state", "nextAt");
CREATE INDEX "FlowDelivery_shop_createdAt_idx" ON "FlowDelivery"("shop", "createdAt");
CREATE INDEX "FlowDelivery_subject_idx" ON "FlowDelivery"("subject");

CREATE TABLE "FlowListener" (
    "shop" TEXT NOT NULL,
    "event" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "FlowListener_pkey" PRIMARY KEY ("shop", "event")
);

CREATE TABLE "FlowAction" (
    "shop" TEXT NOT NULL,
    "actionRunId" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "input" JSONB NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "askedAt" TIMESTAMPTZ(3) NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextAt" TIMESTAMPTZ(3) NOT NULL,
    "runId" TEXT,
    "endedAt" TIMESTAMPTZ(3),
    "code" TEXT,
    "result" JSONB,
    "holdId" TEXT,
    "holdUntil" TIMESTAMPTZ(3),

    CONSTRAINT "FlowAction_pkey" PRIMARY KEY ("shop", "actionRunId")
);
CREATE INDEX "FlowAction_state_nextAt_idx" ON "FlowAction"("state", "nextAt");
CREATE INDEX "FlowAction_shop_askedAt_idx" ON "FlowAction"("shop", "askedAt");
CREATE INDEX "FlowAction_holdUntil_idx" ON "FlowAction"("holdUntil");
