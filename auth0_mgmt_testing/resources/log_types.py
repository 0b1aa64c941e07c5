"""The types of the tenant's log events: one table, by the category that log streams filter by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..state.store import Doc


@dataclass(frozen=True, slots=True)
class LogType:
    """A type of log events."""

    name: str
    """The vendor's."""
    category: str
    """As the filters of log streams name it; else ``other``."""
    has_details: bool
    """Whether an event without details has an empty object for them, or none."""


_NAMES: Mapping[str, Mapping[str, str]] = {
    "auth.login.success": {
        "s": "Successful Login",
    },
    "auth.login.fail": {
        "f": "Failed Login",
        "fco": "Failed due to CORS",
        "fcoa": "Failed Cross-Origin Authentication",
        "fens": "Failed Exchange for Native Social Login",
        "fp": "Failed Login - Invalid Password",
        "fu": "Failed Login - Invalid username",
        "idjag_exchange_failed": "Failed Exchange of Identity Assertion Authorization Grant JWT for Access Token",
        "pwd_leak": "Breached Password - Login",
    },
    "auth.login.notification": {
        "w": "Warning",
    },
    "auth.logout.success": {
        "oidc_backchannel_logout_succeeded": "Successful OIDC Back-Channel Logout request",
        "slo": "Successful Logout",
    },
    "auth.logout.fail": {
        "federated_logout_failed": "Failed Federated Logout request",
        "flo": "Failed Logout",
        "oidc_backchannel_logout_failed": "Failed OIDC Back-Channel Logout request",
    },
    "auth.signup.success": {
        "ss": "Successful Signup",
    },
    "auth.signup.fail": {
        "fs": "Failed Signup",
        "signup_pwd_leak": "Breached Password - Signup",
    },
    "auth.silent_auth.success": {
        "ssa": "Successful Silent Auth",
    },
    "auth.silent_auth.fail": {
        "fsa": "Failed Silent Auth",
    },
    "auth.token_exchange.success": {
        "seacft": "Successful Exchange of Authorization Code for Access Token",
        "seccft": "Successful Exchange of Access Token for a Client Credentials Grant",
        "secte": "Successful Exchange via Custom Token Exchange",
        "sede": "Successful Exchange of Device Code for Access Token",
        "sens": "Successful Exchange Native Login",
        "seoobft": "Successful Exchange of Password and OOB Challenge for Access Token",
        "seotpft": "Successful Exchange of Password and OTP Challenge for Access Token",
        "sepft": "Successful Exchange of Password for Access Token",
        "sepkoobft": "Successful Exchange of Passkey and OOB Challenge for Access Token",
        "sepkotpft": "Successful Exchange of Passkey and OTP Challenge for Access Token",
        "sepkrcft": "Successful Exchange of Passkey and MFA Recovery Code for Access Token",
        "sepotpft": "Successful Exchange of Passwordless OTP for Access Token",
        "sercft": "Successful Exchange of Password and MFA Recovery Code for Access Token",
        "sertft": "Successful Exchange of Refresh Token for Access Token",
        "seta": "Successful Exchange of Refresh Token for Token for 3rd party API",
        "srrt": "Successful Refresh Token Revocation",
    },
    "auth.token_exchange.fail": {
        "feacft": "Failed Exchange of Authorization Code for Access Token",
        "feccft": "Failed Exchange of Access Token for a Client Credentials Grant",
        "fecte": "Failed Exchange via Custom Token Exchange",
        "fede": "Failed Exchange of Device Code for Access Token",
        "feoobft": "Failed Exchange of Password and OOB Challenge for Access Token",
        "feotpft": "Failed Exchange of Password and OTP Challenge for Access Token",
        "fepft": "Failed Exchange of Password for Access Token",
        "fepotpft": "Failed Exchange of Passwordless OTP for Access Token",
        "fercft": "Failed Exchange of Password and MFA Recovery Code for Access Token",
        "ferrt": "Failed Exchange of Rotating Refresh Token",
        "fertft": "Failed Exchange of Refresh Token for Access Token",
        "feta": "Failed Exchange of Refresh Token for Token for 3rd party API",
    },
    "management.success": {
        "mgmt_api_read": "Management API Read Operation",
        "sapi": "Successful API Operation",
    },
    "management.fail": {
        "fapi": "Failed API Operation",
    },
    "scim.event": {
        "fscim": "Failed SCIM Operation",
        "sscim": "Successful SCIM Operation",
    },
    "user.success": {
        "sce": "Successful Change Email",
        "scp": "Successful Change Password",
        "scph": "Successful Post Change Password Hook",
        "scpn": "Successful Change Phone Number",
        "scpr": "Successful Change Password Request",
        "scu": "Successful Change Username",
        "scv": "Successful Credential Validation",
        "sd": "Successful Delegation",
        "sdel": "Successful Delegated Login",
        "sdu": "Successful User Deletion",
        "si": "Successful Invite Accept",
        "sui": "Successful Users Import",
        "sv": "Successful Verification Email",
        "svr": "Successful Verification Email Request",
        "ublkdu": "User login block released",
    },
    "user.fail": {
        "fce": "Failed Change Email",
        "fcp": "Failed Change Password",
        "fcph": "Failed Post Change Password Hook",
        "fcpn": "Failed Change Phone Number",
        "fcpr": "Failed Change Password Request",
        "fcpro": "Failed Connector Provisioning",
        "fcu": "Failed Change Username",
        "fd": "Failed Delegation",
        "fdel": "Failed Delegated Login",
        "fdu": "Failed User Deletion",
        "fi": "failed Invite Accept",
        "fn": "Failed Notification",
        "fpurh": "Failed Post User Registration Hook",
        "fui": "Failed Users Import",
        "fv": "Failed Verification Email",
        "fvr": "Failed Verification Email Request",
    },
    "user.notification": {
        "cls": "Code or Link Sent for Passwordless Login",
        "cp": "Change Phone Number Request",
        "cs": "Code Sent for Passwordless Login",
        "gd_send_email": "Email sent",
        "gd_send_pn": "Push notification sent",
        "gd_send_sms": "SMS sent",
        "gd_send_voice": "Voice call made",
        "wum": "Warning User Management",
    },
    "system.notification": {
        "api_limit": "Rate Limit notice on Authentication or Management API",
        "api_limit_warning": "Rate Limit Warning notice on Authentication or Management API",
        "appi": "Notice for API Peak Performance Initiated",
        "depnote": "Deprecation Notice",
        "limit_delegation": "Blocked Account - Too many Delegation requests",
        "limit_mu": "Blocked Account - Too many attempts or signups",
        "limit_phone": "Blocked Phone Delivery - Too many phone delivery attempts",
        "limit_sul": "Blocked Account - Logins per IP",
        "limit_wc": "Blocked Account - Failed Logins",
        "pla": "Pre-Login Assessment",
        "resource_cleanup": "Refresh Token Excess Warning",
    },
    "actions": {
        "actions_execution_failed": "Execution of an Action failed",
    },
    "other": {
        "acls_summary": "Network ACLs summary",
        "acul_sdk_notice": "Advanced Customizations for Universal Login (ACUL) SDK event type",
        "ciba_exchange_failed": "Failed CIBA Exchange",
        "ciba_exchange_succeeded": "Successful CIBA Exchange",
        "ciba_start_failed": "Failed CIBA Start",
        "ciba_start_succeeded": "Successful CIBA Start",
        "connected_accounts_connection_failed": "Failed connected account connection",
        "connected_accounts_connection_succeeded": "Successful connected account connection",
        "connected_accounts_delete_failed": "Failed connected account delete",
        "connected_accounts_delete_succeeded": "Successful connected account delete",
        "custom_domain_verification_failed": "Custom Domain Verification Failed",
        "directory_sync_completed": "Inbound Directory Sync",
        "directory_sync_failed": "Inbound Directory Sync Failed",
        "directory_sync_started": "Inbound Directory Sync Started",
        "failed_on_behalf_of_token_exchange": "Failed Exchange via On-Behalf-Of Token Exchange",
        "fdeac": "Failed Device Confirmation - Device Activation Failure",
        "fdeaz": "Failed Device Confirmation - Request Failure",
        "fdecc": "Failed Device Confirmation - User Canceled",
        "fdeleacft": "Failed to Exchange Delegated Authorization Code for Access Token",
        "fdelsa": "Failed Delegated Silent Authentication",
        "flows_execution_completed": "Flows Execution Completed",
        "flows_execution_failed": "Flows Execution Failed",
        "forms_submission_failed": "Forms Submission Failed",
        "forms_submission_succeeded": "Forms Submission Succeeded",
        "fpar": "Failed Push Authorization Request",
        "gd_auth_email_verification": "MFA email verification",
        "gd_auth_failed": "MFA failed",
        "gd_auth_rejected": "MFA rejected",
        "gd_auth_succeed": "MFA succeeded",
        "gd_enrollment_complete": "MFA enrollment complete",
        "gd_otp_rate_limit_exceed": "Too many MFA failures",
        "gd_recovery_failed": "Recovery failed",
        "gd_recovery_succeed": "Recovery succeeded",
        "gd_send_email_verification": "Verification email sent",
        "gd_send_pn_failure": "Failed to send push notification",
        "gd_send_sms_failure": "Failed to send SMS",
        "gd_send_voice_failure": "Failed to make voice call",
        "gd_start_auth": "Second factor started",
        "gd_start_enroll": "Enrollment started",
        "gd_start_enroll_failed": "Enrollment failed",
        "gd_tenant_update": "Guardian tenant updated",
        "gd_unenroll": "Second factor unenrolled",
        "gd_update_device_account": "Device account updated",
        "gd_webauthn_challenge_failed": "WebAuthn challenge failed",
        "gd_webauthn_enrollment_failed": "WebAuthn enrollment failed",
        "idjag_exchange_succeeded": "Successful Exchange of Identity Assertion Authorization Grant JWT for Access Token",
        "jwt_bearer_exchange_failed": "Failed Exchange of JWT Bearer Assertion for Access Token",
        "kms_key_management_failure": "Failed KMS API operation",
        "kms_key_management_success": "Successful KMS API operation",
        "kms_key_state_changed": "KMS key state change",
        "mfar": "MFA Required",
        "my_account_authentication_method_failed": "Failed authentication method operation in My Account API",
        "my_account_authentication_method_succeeded": "Successful authentication method operation in My Account API",
        "organization_member_added": "Organization Member Added Operation",
        "passkey_challenge_failed": "A native passkey challenge failed",
        "passkey_challenge_started": "A native passkey challenge was successfully initiated",
        "reset_pwd_leak": "Breached Password - Reset",
        "rich_consents_access_error": "Failed get rich consent record request",
        "scoa": "Successful Cross-Origin Authentication",
        "sdeleacft": "Successful Exchange of Delegated Authorization Code for Access Token",
        "sdelsa": "Successful Delegated Silent Authentication",
        "ss_sso_failure": "Failed SS-SSO Operation",
        "ss_sso_info": "Information from an SS-SSO Operation",
        "ss_sso_success": "Successful SS-SSO Operation",
        "success_on_behalf_of_token_exchange": "Successful Exchange via On-Behalf-Of Token Exchange",
        "universal_logout_failed": "Failed Universal Logout request",
        "universal_logout_succeeded": "Successful Universal Logout request",
        "wn": "Warning Notifications",
    },
}
"""Category -> code of a type -> its name."""
_WITHOUT_DETAILS = frozenset(
    (
        "fcph", "feccft", "fede", "feoobft", "feotpft", "fepft", "fepotpft", "fercft", "fpurh",
        "fs", "fsa", "idjag_exchange_failed", "idjag_exchange_succeeded",
        "jwt_bearer_exchange_failed", "kms_key_management_failure",
        "kms_key_management_success", "limit_delegation", "limit_mu", "limit_phone",
        "limit_sul", "limit_wc", "mfar", "pwd_leak", "reset_pwd_leak", "seccft", "sede",
        "seoobft", "seotpft", "sepkoobft", "sepkotpft", "sepkrcft", "sercft", "signup_pwd_leak",
        "universal_logout_succeeded",
    )
)  # fmt: skip
"""Types whose events may have no details; where they have any, some are required."""

LOG_TYPES: Mapping[str, LogType] = {
    code: LogType(name, category, code not in _WITHOUT_DETAILS)
    for category, names in _NAMES.items()
    for code, name in names.items()
}
"""By the code that an event has as its ``type``."""


def _message(event: Doc) -> Doc:
    return {"message": event["description"]}


def _oauth_error(event: Doc) -> Doc:
    return {"message": event["description"], "oauthError": event["description"]}


_ERRORS: Mapping[str, Callable[[Doc], Doc]] = {
    "f": _oauth_error,
    "fpar": _oauth_error,
    **dict.fromkeys(("fp", "fu", "ciba_start_failed", "ciba_exchange_failed"), _message),
}
"""What the ``details`` of failures say of the error."""


def details_of(event: Doc) -> Doc | None:
    """The details of an event, with what its type requires; None for none.

    Raises `LookupError` for a type that is not in the table.
    """
    code = event["type"]
    if code not in LOG_TYPES:
        raise LookupError(f"there is no type {code!r} of log events")
    details: Doc = event.get("details") or {}
    if code in _ERRORS:
        details = {"error": _ERRORS[code](event), **details}
    return details if details or LOG_TYPES[code].has_details else None
