-- What a shop's platform looks like, what of it is kept, and what somebody has to decide.

-- CreateTable
CREATE TABLE "ShopPlatform" (
    "shop" TEXT NOT NULL,
    "apiVersion" TEXT NOT NULL,
    "extractor" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "signatures" JSONB NOT NULL,
    "findings" JSONB NOT NULL,
    "surroundings" JSONB NOT NULL,
    "checkedAt" TIMESTAMPTZ(3) NOT NULL,
    "changedAt" TIMESTAMPTZ(3),
    "changedWhy" TEXT,

    CONSTRAINT "ShopPlatform_pkey" PRIMARY KEY ("shop")
);

-- CreateTable
CREATE TABLE "CoverageTask" (
    "id" TEXT NOT NULL,
    "shop" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "facts" JSONB NOT NULL,
    "raisedAt" TIMESTAMPTZ(3) NOT NULL,
    "dueAt" TIMESTAMPTZ(3) NOT NULL,
    "decidedAt" TIMESTAMPTZ(3),
    "decidedBy" TEXT,
    "reason" TEXT,

    CONSTRAINT "CoverageTask_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "InventoryItem" (
    "shop" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "owner" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "records" BIGINT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "firstSeenAt" TIMESTAMPTZ(3) NOT NULL,
    "readAt" TIMESTAMPTZ(3) NOT NULL,
    "snapshotId" TEXT NOT NULL,

    CONSTRAINT "InventoryItem_pkey" PRIMARY KEY ("shop", "kind", "owner", "namespace", "key")
);

-- CreateIndex
CREATE INDEX "ShopPlatform_checkedAt_idx" ON "ShopPlatform"("checkedAt");

-- CreateIndex
CREATE UNIQUE INDEX "CoverageTask_shop_subject_key" ON "CoverageTask"("shop", "subject");

-- CreateIndex
CREATE INDEX "CoverageTask_shop_state_idx" ON "CoverageTask"("shop", "state");
