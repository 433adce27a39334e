-- Which other shop may put records into a shop, as that shop's own team has said.

CREATE TABLE "RestoreInvitation" (
    "shop" TEXT NOT NULL,
    "from" TEXT NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,
    "madeBy" TEXT NOT NULL,
    "madeAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "RestoreInvitation_pkey" PRIMARY KEY ("shop", "from")
);
CREATE INDEX "RestoreInvitation_from_idx" ON "RestoreInvitation"("from");
