"""The forms of identifiers, one table: what a tenant makes, accepts and is drawn with.

Prefix, alphabet and length are those of live tenants' responses. Of agents, captcha policies, device
credentials, experiments and their parts, groups, network ACL keys, templates of organizations and of
verifiable credentials there is no recording: their forms are assumed.
"""

from __future__ import annotations

from .ids import IdForm, alphanumeric_id, base58, digits, hexadecimal, ulid, uuid

ACTION = uuid
ACTION_EXECUTION = uuid
AGENT = alphanumeric_id(22, "agt_")
AUTHENTICATION_DEVICE = alphanumeric_id(16, "dev_")
BRANDING_THEME = alphanumeric_id(32)
CAPTCHA_POLICY = alphanumeric_id(16, "cap_")
CLIENT = alphanumeric_id(32)
CLIENT_CREDENTIAL = base58(22, "cred_")
CLIENT_GRANT = alphanumeric_id(16, "cgr_")
CLIENT_PROFILE = alphanumeric_id(22, "clp_")
CONNECTED_ACCOUNT = base58(22, "cac_")
CONNECTION = alphanumeric_id(16, "con_")
CONNECTION_PROFILE = base58(22, "cop_")
CUSTOM_DOMAIN = alphanumeric_id(16, "cd_")
DEVICE_CREDENTIAL = alphanumeric_id(16, "dcr_")
DIRECTORY_SYNCHRONIZATION = base58(22, "sync_")
ENCRYPTION_KEY = uuid
EVENT = base58(22, "evt_")
EVENT_STREAM = base58(22, "est_")
EXPERIMENT = base58(22, "exp_")
FEATURE_FLAG = base58(22, "flg_")
FLOW = base58(22, "af_")
FLOW_VAULT_CONNECTION = base58(22, "ac_")
FORM = base58(22, "ap_")
GROUP = base58(16, "grp_")
HOOK = ulid()
JOB = alphanumeric_id(16, "job_")
LOG_STREAM = digits(16, "lst_")
NETWORK_ACL = base58(22, "acl_")
NETWORK_ACL_KEY = base58(22, "aclk_")
ORGANIZATION = alphanumeric_id(16, "org_")
ORGANIZATION_DISCOVERY_DOMAIN = base58(22, "ord_")
ORGANIZATION_TEMPLATE = base58(22, "ort_")
OTHER = alphanumeric_id(24)
PHONE_PROVIDER = base58(22, "pro_")
PHONE_TEMPLATE = base58(22, "tem_")
RATE_LIMIT_POLICY = base58(21, "rlp_")
REFRESH_TOKEN = alphanumeric_id(24)
RESOURCE_SERVER = hexadecimal(24)
ROLE = alphanumeric_id(16, "rol_")
RULE = alphanumeric_id(16, "rul_")
SCIM_TOKEN = alphanumeric_id(16, "tok_")
SEGMENT = base58(22, "seg_")
SELF_SERVICE_PROFILE = base58(22, "ssp_")
SESSION = alphanumeric_id(32)
SIGNING_KEY = alphanumeric_id(21)
TENANT = alphanumeric_id(16, "ten_")
THIRD_PARTY_CLIENT = base58(22, "tpc_")
TICKET = alphanumeric_id(32)
TOKEN_EXCHANGE_PROFILE = alphanumeric_id(16, "tep_")
USER = hexadecimal(24)
USER_ATTRIBUTE_PROFILE = base58(22, "uap_")
USER_GRANT = hexadecimal(24)
USER_INVITATION = alphanumeric_id(16, "uinv_")
VARIATION = base58(22, "var_")
VERIFIABLE_CREDENTIAL_TEMPLATE = alphanumeric_id(16, "vct_")
"""The part of a user's id after the provider is a `USER`, that of a device a ``AUTHENTICATION_DEVICE``."""

ID_FORMS: dict[str, IdForm] = {
    name: value
    for name, value in list(globals().items())
    if isinstance(value, IdForm) and name.isupper()
}
"""All of them, by name."""
