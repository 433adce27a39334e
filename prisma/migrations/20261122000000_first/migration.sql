-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "Session" (
    "id" TEXT NOT NULL,
    "shop" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "isOnline" BOOLEAN NOT NULL DEFAULT false,
    "scope" TEXT,
    "expires" TIMESTAMPTZ(3),
    "accessToken" TEXT NOT NULL,
    "userId" BIGINT,
    "firstName" TEXT,
    "lastName" TEXT,
    "email" TEXT,
    "accountOwner" BOOLEAN NOT NULL DEFAULT false,
    "locale" TEXT,
    "collaborator" BOOLEAN DEFAULT false,
    "emailVerified" BOOLEAN DEFAULT false,
    "refreshToken" TEXT,
    "refreshTokenExpires" TIMESTAMPTZ(3),

    CONSTRAINT "Session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Shop" (
    "domain" TEXT NOT NULL,
    "installedAt" TIMESTAMPTZ(3) NOT NULL,
    "uninstalledAt" TIMESTAMPTZ(3),
    "scopes" TEXT[],

    CONSTRAINT "Shop_pkey" PRIMARY KEY ("domain")
);

-- CreateTable
CREATE TABLE "VaultLink" (
    "shop" TEXT NOT NULL,
    "storageUrl" TEXT NOT NULL,
    "vaultId" TEXT NOT NULL,
    "recipients" JSONB NOT NULL,
    "linkedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "VaultLink_pkey" PRIMARY KEY ("shop")
);

-- CreateTable
CREATE TABLE "VaultSecret" (
    "vaultId" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "keptAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "VaultSecret_pkey" PRIMARY KEY ("vaultId")
);

-- CreateTable
CREATE TABLE "Run" (
    "id" TEXT NOT NULL,
    "shop" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "requestedBy" TEXT NOT NULL,
    "requestedAt" TIMESTAMPTZ(3) NOT NULL,
    "startedAt" TIMESTAMPTZ(3),
    "finishedAt" TIMESTAMPTZ(3),
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "underWay" TEXT,
    "workerId" TEXT,
    "heartbeatAt" TIMESTAMPTZ(3),
    "cancelRequested" BOOLEAN NOT NULL DEFAULT false,
    "input" JSONB NOT NULL,
    "progress" JSONB,
    "resume" JSONB,
    "code" TEXT,
    "result" TEXT,

    CONSTRAINT "Run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Snapshot" (
    "snapshotId" TEXT NOT NULL,
    "shop" TEXT NOT NULL,
    "vaultId" TEXT NOT NULL,
    "takenAt" TIMESTAMPTZ(3) NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "root" TEXT NOT NULL,
    "manifestDigest" TEXT NOT NULL,
    "complete" BOOLEAN NOT NULL,
    "records" BIGINT NOT NULL,
    "added" BIGINT NOT NULL,
    "changed" BIGINT NOT NULL,
    "removed" BIGINT NOT NULL,
    "unchanged" BIGINT NOT NULL,
    "bytesRead" BIGINT NOT NULL,
    "bytesWritten" BIGINT NOT NULL,
    "kinds" JSONB NOT NULL,
    "gaps" JSONB NOT NULL,
    "gapCount" INTEGER NOT NULL,

    CONSTRAINT "Snapshot_pkey" PRIMARY KEY ("snapshotId")
);

-- CreateTable
CREATE TABLE "Drill" (
    "drillId" TEXT NOT NULL,
    "shop" TEXT NOT NULL,
    "vaultId" TEXT NOT NULL,
    "snapshotId" TEXT NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "finishedAt" TIMESTAMPTZ(3) NOT NULL,
    "passed" BOOLEAN NOT NULL,
    "code" TEXT NOT NULL,
    "rtoMs" BIGINT NOT NULL,
    "rpoMs" BIGINT NOT NULL,
    "compared" BIGINT NOT NULL,
    "restored" BIGINT NOT NULL,
    "refused" BIGINT NOT NULL,
    "steps" JSONB NOT NULL,
    "differences" JSONB NOT NULL,
    "losses" JSONB NOT NULL,
    "costPoints" BIGINT NOT NULL,
    "plusEstimateMs" BIGINT NOT NULL,
    "requestedBy" TEXT NOT NULL,
    "object" TEXT,

    CONSTRAINT "Drill_pkey" PRIMARY KEY ("drillId")
);

-- CreateTable
CREATE TABLE "Schedule" (
    "shop" TEXT NOT NULL,
    "cron" TEXT NOT NULL,
    "timezone" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "nextAt" TIMESTAMPTZ(3),

    CONSTRAINT "Schedule_pkey" PRIMARY KEY ("shop")
);

-- CreateTable
CREATE TABLE "WebhookDelivery" (
    "webhookId" TEXT NOT NULL,
    "eventId" TEXT,
    "topic" TEXT NOT NULL,
    "shop" TEXT NOT NULL,
    "receivedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "WebhookDelivery_pkey" PRIMARY KEY ("webhookId")
);

-- CreateTable
CREATE TABLE "ComplianceRequest" (
    "id" TEXT NOT NULL,
    "shop" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "customerId" TEXT,
    "orderIds" TEXT[],
    "receivedAt" TIMESTAMPTZ(3) NOT NULL,
    "dueAt" TIMESTAMPTZ(3) NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',

    CONSTRAINT "ComplianceRequest_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Session_shop_idx" ON "Session"("shop");

-- CreateIndex
CREATE UNIQUE INDEX "Run_underWay_key" ON "Run"("underWay");

-- CreateIndex
CREATE INDEX "Run_shop_requestedAt_idx" ON "Run"("shop", "requestedAt");

-- CreateIndex
CREATE INDEX "Run_state_heartbeatAt_idx" ON "Run"("state", "heartbeatAt");

-- CreateIndex
CREATE INDEX "Snapshot_shop_takenAt_idx" ON "Snapshot"("shop", "takenAt");

-- CreateIndex
CREATE INDEX "Drill_shop_finishedAt_idx" ON "Drill"("shop", "finishedAt");

-- CreateIndex
CREATE INDEX "Schedule_nextAt_idx" ON "Schedule"("nextAt");

-- CreateIndex
CREATE INDEX "WebhookDelivery_receivedAt_idx" ON "WebhookDelivery"("receivedAt");

-- CreateIndex
CREATE INDEX "ComplianceRequest_shop_state_receivedAt_idx" ON "ComplianceRequest"("shop", "state", "receivedAt");

