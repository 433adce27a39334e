-- CreateTable
CREATE TABLE "RestorePlan" (
    "planId" TEXT NOT NULL,
    "shop" TEXT NOT NULL,
    "vaultId" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'planning',
    "target" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "selection" JSONB NOT NULL,
    "rule" TEXT NOT NULL,
    "extras" TEXT NOT NULL,
    "base" TEXT,
    "before" TEXT,
    "digest" TEXT,
    "version" INTEGER NOT NULL DEFAULT 0,
    "totals" JSONB,
    "estimateMs" BIGINT,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "plannedAt" TIMESTAMPTZ(3),
    "submittedBy" TEXT,
    "submittedAt" TIMESTAMPTZ(3),
    "decidedBy" TEXT,
    "decidedAt" TIMESTAMPTZ(3),
    "remark" TEXT,
    "appliedBy" TEXT,
    "startedAt" TIMESTAMPTZ(3),
    "finishedAt" TIMESTAMPTZ(3),
    "pauseAsked" BOOLEAN NOT NULL DEFAULT false,
    "runId" TEXT,
    "code" TEXT,
    "outcome" JSONB,
    "report" TEXT,
    "assistantRun" TEXT,

    CONSTRAINT "RestorePlan_pkey" PRIMARY KEY ("planId")
);

-- CreateIndex
CREATE INDEX "RestorePlan_shop_createdAt_idx" ON "RestorePlan"("shop", "createdAt");

-- CreateTable
CREATE TABLE "ResponseTeamMember" (
    "shop" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "roles" TEXT[],
    "changedAt" TIMESTAMPTZ(3) NOT NULL,
    "changedBy" TEXT NOT NULL,

    CONSTRAINT "ResponseTeamMember_pkey" PRIMARY KEY ("shop","actor")
);
