/** The thread on which records are digested while a snapshot is taken. */
import { serve } from "../threads/serve.ts";
import { buffersOf, digestBatch } from "./digest-batch.ts";

serve(digestBatch, buffersOf);
