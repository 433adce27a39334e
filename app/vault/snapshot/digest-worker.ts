/** The thread on which records are digested while a snapshot is taken. */
import { serve } from "../threads/serve.ts";
import { digestBatch } from "./digest-batch.ts";

serve(digestBatch);
