/** What AWS KMS and the SDK call their errors, as ours. Their messages name accounts and keys, so they stay in the cause. */
import { KeyError, type KeyErrorCode } from "../errors.ts";

const FAULTS: Readonly<Record<string, readonly [KeyErrorCode, string]>> = {
  AccessDeniedException: ["keys.denied", "AWS KMS does not allow this use of the key."],
  NotFoundException: ["keys.not_found", "AWS KMS knows no such key."],
  InvalidArnException: ["keys.bad_address", "AWS KMS does not take that ARN."],
  ValidationException: ["keys.bad_address", "AWS KMS does not take that request."],
  DisabledException: ["keys.disabled", "The KMS key is disabled."],
  KMSInvalidStateException: ["keys.disabled", "The KMS key is disabled or about to be deleted."],
  InvalidKeyUsageException: ["keys.unsupported", "The KMS key is for another use."],
  ThrottlingException: ["keys.throttled", "AWS KMS asks to be asked more slowly."],
  LimitExceededException: ["keys.throttled", "AWS KMS asks to be asked more slowly."],
  TooManyRequestsException: ["keys.throttled", "AWS KMS asks to be asked more slowly."],
  CredentialsProviderError: ["keys.no_credentials", "There are no AWS credentials on this host."],
  UnrecognizedClientException: ["keys.no_credentials", "AWS does not know these credentials."],
  InvalidSignatureException: ["keys.no_credentials", "AWS does not accept these credentials."],
  IncompleteSignature: ["keys.no_credentials", "AWS does not accept these credentials."],
  InvalidClientTokenId: ["keys.no_credentials", "AWS does not know these credentials."],
  MissingAuthenticationTokenException: ["keys.no_credentials", "AWS does not accept these credentials."],
  ExpiredTokenException: ["keys.no_credentials", "The AWS credentials have expired."],
};

/** What is not in the table is a service that fails or a network that breaks: worth another try. */
export function awsFault(cause: unknown): KeyError {
  const known = cause instanceof Error && Object.hasOwn(FAULTS, cause.name) ? FAULTS[cause.name] : undefined;
  const [code, message] = known ?? ["keys.unreachable" as const, "AWS KMS cannot be reached, or fails."];
  return new KeyError(code, message, { cause });
}
