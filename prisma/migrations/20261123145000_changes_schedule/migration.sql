-- When a shop's changes are read between its full snapshots.
CREATE TABLE "ChangesSchedule" (
    "shop" TEXT NOT NULL,
    "cron" TEXT NOT NULL,
    "timezone" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "nextAt" TIMESTAMPTZ(3),

    CONSTRAINT "ChangesSchedule_pkey" PRIMARY KEY ("shop")
);

CREATE INDEX "ChangesSchedule_nextAt_idx" ON "ChangesSchedule"("nextAt");
