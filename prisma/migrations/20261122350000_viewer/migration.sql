-- How responders sign in to the downtime viewer. sealed: the client secret, under a key derived from HOLDFAST_SECRET.
CREATE TABLE "ViewerSetting" (
    "shop" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "clientId" TEXT NOT NULL,
    "groupsClaim" TEXT NOT NULL,
    "groups" TEXT[],
    "sealed" TEXT,
    "savedAt" TIMESTAMPTZ(3) NOT NULL,
    "savedBy" TEXT NOT NULL,

    CONSTRAINT "ViewerSetting_pkey" PRIMARY KEY ("shop")
);
