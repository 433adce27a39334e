/** A thread for the tests of ThreadPool. */
import { serve } from "#app/vault/threads/serve.ts";
import { double } from "./doubling.ts";

serve(double);
