-- Which waiting run is next, who has its keys, and how often a process died over it.
ALTER TABLE "Run" ADD COLUMN "rank" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN "dueAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN "quick" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN "custodian" TEXT,
ADD COLUMN "crashes" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "trace" TEXT;

UPDATE "Run" SET "dueAt" = "requestedAt";

-- The order in which runs are taken; only those that wait. And what runs per shop.
CREATE INDEX "Run_waiting" ON "Run" ("kind", "rank", "dueAt", "id") WHERE "state" = 'queued';
CREATE INDEX "Run_running" ON "Run" ("shop") WHERE "state" = 'running';

-- Events that wait for their vault, of all vaults: few, among very many that do not.
CREATE INDEX "LedgerEntry_waiting" ON "LedgerEntry" ("vaultId") WHERE "place" IS NULL;

-- CreateTable
CREATE TABLE "Process" (
    "id" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "seenAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Process_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Chore" (
    "name" TEXT NOT NULL,
    "nextAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Chore_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE INDEX "Process_seenAt_idx" ON "Process"("seenAt");
