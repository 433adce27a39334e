-- Webhook subscriptions that a shop needs of its own, and what was heard of metafields.

CREATE TABLE "CaptureSubscription" (
    "shop" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "since" TIMESTAMPTZ(3),
    "types" INTEGER NOT NULL,
    "missing" INTEGER NOT NULL,
    "failures" INTEGER NOT NULL,
    "code" TEXT,

    CONSTRAINT "CaptureSubscription_pkey" PRIMARY KEY ("shop")
);

CREATE TABLE "MetafieldProof" (
    "shop" TEXT NOT NULL,
    "stream" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "MetafieldProof_pkey" PRIMARY KEY ("shop", "stream")
);

-- Keyed digest of a captured family without its metafields and without the time of its last change.
ALTER TABLE "CapturedRecord" ADD COLUMN "rest" TEXT;
