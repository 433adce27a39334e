-- When the watchers looked at a shop last, over all processes: who moves the time on looks.
CREATE TABLE "ShopWatch" (
    "shop" TEXT NOT NULL,
    "watchedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ShopWatch_pkey" PRIMARY KEY ("shop")
);
CREATE INDEX "ShopWatch_watchedAt_idx" ON "ShopWatch"("watchedAt");
