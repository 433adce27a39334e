-- Continuous capture: what the platform said has changed, what waits to be sealed, how far the journal is, and how old the newest recovery point is.

CREATE TABLE "CaptureEvent" (
    "webhookId" TEXT NOT NULL,
    "shop" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    -- The record's GID; "*": the whole kind.
    "recordId" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "eventId" TEXT,
    "occurredAt" TIMESTAMPTZ(3),
    "receivedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "CaptureEvent_pkey" PRIMARY KEY ("webhookId", "kind", "recordId")
);
CREATE UNIQUE INDEX "CaptureEvent_shop_eventId_topic_kind_recordId_key" ON "CaptureEvent"("shop", "eventId", "topic", "kind", "recordId");
CREATE INDEX "CaptureEvent_shop_receivedAt_idx" ON "CaptureEvent"("shop", "receivedAt");
CREATE INDEX "CaptureEvent_receivedAt_idx" ON "CaptureEvent"("receivedAt");

CREATE TABLE "CapturePending" (
    "shop" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "recordId" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "events" INTEGER NOT NULL,
    "occurredAt" TIMESTAMPTZ(3),
    "receivedAt" TIMESTAMPTZ(3) NOT NULL,
    "lastReceivedAt" TIMESTAMPTZ(3) NOT NULL,
    "dueAt" TIMESTAMPTZ(3) NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "code" TEXT,

    CONSTRAINT "CapturePending_pkey" PRIMARY KEY ("shop", "kind", "recordId")
);
CREATE INDEX "CapturePending_dueAt_idx" ON "CapturePending"("dueAt");
CREATE INDEX "CapturePending_shop_dueAt_idx" ON "CapturePending"("shop", "dueAt");

CREATE TABLE "CaptureHead" (
    "shop" TEXT NOT NULL,
    "vaultId" TEXT,
    "sequence" BIGINT,
    "digest" TEXT,
    "sealedAt" TIMESTAMPTZ(3),
    "enteredSequence" BIGINT,
    "leasedBy" TEXT,
    "leasedUntil" TIMESTAMPTZ(3),

    CONSTRAINT "CaptureHead_pkey" PRIMARY KEY ("shop")
);

CREATE TABLE "CapturedRecord" (
    "shop" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "recordId" TEXT NOT NULL,
    "vaultId" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "change" TEXT NOT NULL,
    -- Keyed digest of the whole family: says whether a later fetch is anything new.
    "digest" TEXT NOT NULL,
    "fetchedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "CapturedRecord_pkey" PRIMARY KEY ("shop", "kind", "recordId")
);
CREATE INDEX "CapturedRecord_shop_fetchedAt_idx" ON "CapturedRecord"("shop", "fetchedAt");

CREATE TABLE "CaptureReconciliation" (
    "shop" TEXT NOT NULL,
    "snapshotId" TEXT NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "complete" BOOLEAN NOT NULL,
    -- By stream: { changed, confirmed, missed }.
    "streams" JSONB NOT NULL,

    CONSTRAINT "CaptureReconciliation_pkey" PRIMARY KEY ("shop", "snapshotId")
);
CREATE INDEX "CaptureReconciliation_shop_at_idx" ON "CaptureReconciliation"("shop", "at");

CREATE TABLE "RecoveryPoint" (
    "shop" TEXT NOT NULL,
    "stream" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "basis" TEXT NOT NULL,
    "ageMs" BIGINT,
    "objectiveMs" BIGINT NOT NULL,
    "pending" INTEGER NOT NULL,
    "changesPerHour" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "RecoveryPoint_pkey" PRIMARY KEY ("shop", "stream", "at")
);

CREATE TABLE "RecoveryObjective" (
    "shop" TEXT NOT NULL,
    "stream" TEXT NOT NULL,
    "minutes" INTEGER NOT NULL,
    "savedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "RecoveryObjective_pkey" PRIMARY KEY ("shop", "stream")
);

CREATE TABLE "EmergencySnapshot" (
    "runId" TEXT NOT NULL,
    "shop" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "incident" TEXT,
    "holdUntil" TIMESTAMPTZ(3),
    "requestedBy" TEXT NOT NULL,
    "requestedAt" TIMESTAMPTZ(3) NOT NULL,
    "startedAt" TIMESTAMPTZ(3),
    "snapshotId" TEXT,
    "holdId" TEXT,
    -- "waiting", "held", "released", "failed".
    "state" TEXT NOT NULL,
    "code" TEXT,

    CONSTRAINT "EmergencySnapshot_pkey" PRIMARY KEY ("runId")
);
CREATE INDEX "EmergencySnapshot_shop_requestedAt_idx" ON "EmergencySnapshot"("shop", "requestedAt");
CREATE INDEX "EmergencySnapshot_state_holdUntil_idx" ON "EmergencySnapshot"("state", "holdUntil");
