-- AlterTable
ALTER TABLE "Drill" ADD COLUMN     "certification" JSONB,
ADD COLUMN     "dueAt" TIMESTAMPTZ(3),
ADD COLUMN     "lanes" JSONB,
ADD COLUMN     "record" JSONB;

-- CreateTable
CREATE TABLE "DrillSchedule" (
    "shop" TEXT NOT NULL,
    "cron" TEXT NOT NULL,
    "timezone" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "nextAt" TIMESTAMPTZ(3),
    "epochs" JSONB NOT NULL,

    CONSTRAINT "DrillSchedule_pkey" PRIMARY KEY ("shop")
);

-- CreateIndex
CREATE INDEX "DrillSchedule_nextAt_idx" ON "DrillSchedule"("nextAt");
