-- Runs of the assistant: the tree as it was, and step after step what was answered. Steps are only ever added.
CREATE TABLE "AssistantRun" (
    "id" TEXT NOT NULL,
    "shop" TEXT NOT NULL,
    "scenario" TEXT NOT NULL,
    "treeVersion" TEXT NOT NULL,
    "treeDigest" TEXT NOT NULL,
    "tree" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "startedBy" TEXT NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "lastAt" TIMESTAMPTZ(3) NOT NULL,
    "lastBy" TEXT NOT NULL,
    "steps" INTEGER NOT NULL,
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "AssistantRun_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "AssistantRun_shop_startedAt_idx" ON "AssistantRun"("shop", "startedAt");

CREATE TABLE "AssistantStep" (
    "runId" TEXT NOT NULL,
    "n" INTEGER NOT NULL,
    "step" JSONB NOT NULL,
    "salt" TEXT NOT NULL,

    CONSTRAINT "AssistantStep_pkey" PRIMARY KEY ("runId","n")
);
ALTER TABLE "AssistantStep" ADD CONSTRAINT "AssistantStep_runId_fkey" FOREIGN KEY ("runId") REFERENCES "AssistantRun"("id") ON DELETE CASCADE ON UPDATE CASCADE;
