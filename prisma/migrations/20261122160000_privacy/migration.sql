-- AlterTable
ALTER TABLE "Drill" ADD COLUMN     "erased" BIGINT;

-- AlterTable
ALTER TABLE "ComplianceRequest" ADD COLUMN     "answeredAt" TIMESTAMPTZ(3),
ADD COLUMN     "code" TEXT,
ADD COLUMN     "digest" TEXT,
ADD COLUMN     "heldUntil" TIMESTAMPTZ(3),
ADD COLUMN     "hold" TEXT,
ADD COLUMN     "object" TEXT;

-- CreateTable
CREATE TABLE "StorageCredential" (
    "shop" TEXT NOT NULL,
    "place" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "savedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "StorageCredential_pkey" PRIMARY KEY ("shop","place")
);

-- CreateTable
CREATE TABLE "RetentionPolicy" (
    "shop" TEXT NOT NULL,
    "keep" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "savedAt" TIMESTAMPTZ(3) NOT NULL,
    "prunedAt" TIMESTAMPTZ(3),

    CONSTRAINT "RetentionPolicy_pkey" PRIMARY KEY ("shop")
);
