"""What allauth serves, and the health check. The ways through are in tests/reviews/test_accounts.py."""

from . import everybody, public

ROWS = {
    "healthz": public(503),  # nobody beats in a test
    "account_login": public(signed_in=302),
    "account_signup": public(signed_in=302),
    "account_logout": [
        public(302, signed_in=200),
        everybody(302, method="post"),
    ],
    "account_inactive": public(),
    "account_email": everybody(),
    "account_email_verification_sent": public(),
    "account_confirm_email": public(args={"key": "nonsense"}),
    "account_change_password": everybody(),
    "account_set_password": everybody(302),  # they have one
    "account_reauthenticate": everybody(),
    "account_reset_password": public(),
    "account_reset_password_done": public(),
    "account_reset_password_from_key": public(args={"uidb36": "1", "key": "nonsense"}),
    "account_reset_password_from_key_done": public(),
    "account_confirm_login_code": public(302),
    "mfa_index": everybody(),
    "mfa_authenticate": public(302),
    "mfa_reauthenticate": everybody(302),
    "mfa_activate_totp": everybody(302),  # asks for the password once more
    "mfa_deactivate_totp": everybody(404),
    "mfa_view_recovery_codes": everybody(404),
    "mfa_generate_recovery_codes": everybody(302),
    "mfa_download_recovery_codes": everybody(404),
}
