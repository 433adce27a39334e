-- The run of the assistant that an emergency snapshot was taken in: it is in that run's timeline, and held until the run ends.

ALTER TABLE "EmergencySnapshot" ADD COLUMN "assistantRun" TEXT;
