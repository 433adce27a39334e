-- Alerts, the messages that tell people of them, and whom to tell.

CREATE TABLE "Alert" (
    "id" TEXT NOT NULL,
    "shop" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "facts" JSONB NOT NULL,
    "firstSeen" TIMESTAMPTZ(3) NOT NULL,
    "lastSeen" TIMESTAMPTZ(3) NOT NULL,
    "count" INTEGER NOT NULL DEFAULT 1,
    "acknowledgedAt" TIMESTAMPTZ(3),
    "acknowledgedBy" TEXT,
    "note" TEXT,
    "resolvedAt" TIMESTAMPTZ(3),
    "level" INTEGER NOT NULL DEFAULT 0,
    "levelAt" TIMESTAMPTZ(3) NOT NULL,
    -- Set while not resolved: "<shop> <code> <subject>". Being unique, it makes a second sighting the same alert.
    "openKey" TEXT,

    CONSTRAINT "Alert_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "Alert_openKey_key" ON "Alert"("openKey");
CREATE INDEX "Alert_shop_lastSeen_idx" ON "Alert"("shop", "lastSeen");
CREATE INDEX "Alert_state_shop_idx" ON "Alert"("state", "shop");

CREATE TABLE "AlertDelivery" (
    "id" TEXT NOT NULL,
    "shop" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "level" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "alertIds" TEXT[],
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "nextAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),
    "code" TEXT,
    -- Set until the first attempt: "<shop> <channel> <level> <reason>". Being unique, it gathers what comes together into one message.
    "gathering" TEXT,

    CONSTRAINT "AlertDelivery_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "AlertDelivery_gathering_key" ON "AlertDelivery"("gathering");
CREATE INDEX "AlertDelivery_state_nextAt_idx" ON "AlertDelivery"("state", "nextAt");
CREATE INDEX "AlertDelivery_shop_createdAt_idx" ON "AlertDelivery"("shop", "createdAt");

CREATE TABLE "AlertSetting" (
    "shop" TEXT NOT NULL,
    -- Addresses of people and of webhooks, sealed like tokens: JWE compact under a key derived from HOLDFAST_SECRET.
    "sealed" TEXT NOT NULL,
    "savedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "AlertSetting_pkey" PRIMARY KEY ("shop")
);
