-- CreateTable
CREATE TABLE "LedgerEntry" (
    "id" BIGSERIAL NOT NULL,
    "vaultId" TEXT NOT NULL,
    "entry" TEXT NOT NULL,
    "leaf" TEXT NOT NULL,
    "keptAt" TIMESTAMPTZ(3) NOT NULL,
    "tried" BIGINT,
    "place" BIGINT,

    CONSTRAINT "LedgerEntry_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "LedgerEntry_vaultId_place_id_idx" ON "LedgerEntry"("vaultId", "place", "id");

-- Append-only: an entry never changes and never goes, and a place in the vault's log is given once.
CREATE FUNCTION "LedgerEntry_keep"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION 'ledger entries are kept';
    END IF;
    IF (NEW."id", NEW."vaultId", NEW."entry", NEW."leaf", NEW."keptAt") IS DISTINCT FROM (OLD."id", OLD."vaultId", OLD."entry", OLD."leaf", OLD."keptAt")
        OR (OLD."place" IS NOT NULL AND NEW."place" IS DISTINCT FROM OLD."place") THEN
        RAISE EXCEPTION 'ledger entries do not change';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER "LedgerEntry_row" BEFORE UPDATE OR DELETE ON "LedgerEntry" FOR EACH ROW EXECUTE FUNCTION "LedgerEntry_keep"();
CREATE TRIGGER "LedgerEntry_all" BEFORE TRUNCATE ON "LedgerEntry" FOR EACH STATEMENT EXECUTE FUNCTION "LedgerEntry_keep"();
