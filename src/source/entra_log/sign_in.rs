//! A sign-in and its fields, in every form.

use std::borrow::Cow;

use serde::Deserialize;

use crate::source::entra_fields::Fields;
use crate::source::entra_names;
use crate::source::text::{Part, Text};

/// What signed in, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// A user, who was there.
    Interactive,
    /// A client for a user.
    NonInteractive,
    /// A user; the record does not say whether they were there.
    Unknown,
    /// A service principal, with a credential of its own.
    Principal,
    /// A service principal whose credentials Azure keeps.
    ManagedIdentity,
}

impl Way {
    pub(super) const fn is_user(self) -> bool {
        matches!(self, Self::Interactive | Self::NonInteractive | Self::Unknown)
    }
}

/// The fields of a sign-in that are used.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SignIn<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) created_date_time: Text<'a>,
    #[serde(borrow)]
    pub(super) user_id: Text<'a>,
    #[serde(borrow)]
    pub(super) user_principal_name: Text<'a>,
    #[serde(borrow)]
    pub(super) user_display_name: Text<'a>,
    #[serde(borrow)]
    pub(super) user_type: Text<'a>,
    #[serde(borrow)]
    pub(super) app_id: Text<'a>,
    #[serde(borrow)]
    pub(super) app_display_name: Text<'a>,
    #[serde(borrow)]
    pub(super) app_owner_tenant_id: Text<'a>,
    #[serde(borrow)]
    pub(super) service_principal_id: Text<'a>,
    #[serde(borrow)]
    pub(super) service_principal_name: Text<'a>,
    #[serde(borrow)]
    pub(super) service_principal_credential_key_id: Text<'a>,
    #[serde(borrow)]
    pub(super) service_principal_credential_thumbprint: Text<'a>,
    #[serde(borrow)]
    pub(super) client_credential_type: Text<'a>,
    #[serde(borrow)]
    pub(super) federated_credential_id: Text<'a>,
    #[serde(borrow)]
    pub(super) managed_identity_type: Text<'a>,
    #[serde(borrow)]
    pub(super) associated_resource_id: Text<'a>,
    #[serde(borrow)]
    pub(super) managed_service_identity: Part<ManagedIdentity<'a>>,
    #[serde(borrow)]
    pub(super) agent: Part<Agent<'a>>,
    #[serde(borrow)]
    pub(super) unique_token_identifier: Text<'a>,
    #[serde(borrow)]
    pub(super) session_id: Text<'a>,
    #[serde(borrow)]
    pub(super) device_detail: Part<Device<'a>>,
    #[serde(borrow)]
    pub(super) ip_address: Text<'a>,
    #[serde(borrow)]
    pub(super) user_agent: Text<'a>,
    #[serde(borrow)]
    pub(super) status: Part<Status<'a>>,
    #[serde(borrow)]
    pub(super) result_type: Text<'a>,
    #[serde(borrow)]
    pub(super) resource_id: Text<'a>,
    #[serde(borrow)]
    pub(super) resource_display_name: Text<'a>,
    #[serde(borrow)]
    pub(super) home_tenant_id: Text<'a>,
    #[serde(borrow)]
    pub(super) resource_tenant_id: Text<'a>,
    #[serde(borrow)]
    pub(super) cross_tenant_access_type: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Status<'a> {
    #[serde(borrow, alias = "ErrorCode")]
    pub(super) error_code: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Device<'a> {
    #[serde(borrow, alias = "DeviceId")]
    pub(super) device_id: Text<'a>,
    #[serde(borrow, alias = "DisplayName")]
    pub(super) display_name: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ManagedIdentity<'a> {
    #[serde(borrow, alias = "AssociatedResourceId")]
    pub(super) associated_resource_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Agent<'a> {
    #[serde(borrow, alias = "AgentType")]
    pub(super) agent_type: Text<'a>,
    #[serde(borrow, alias = "AgentSubjectType")]
    pub(super) agent_subject_type: Text<'a>,
    #[serde(borrow, alias = "AgentSubjectParentId")]
    pub(super) agent_subject_parent_id: Text<'a>,
    #[serde(borrow, alias = "ParentAppId")]
    pub(super) parent_app_id: Text<'a>,
}

/// The nested values of a sign-in whose form writes them as JSON in a string.
pub(super) struct Nested<'f> {
    status: Option<Cow<'f, str>>,
    device: Option<Cow<'f, str>>,
    managed_identity: Option<Cow<'f, str>>,
    agent: Option<Cow<'f, str>>,
}

impl<'f> Nested<'f> {
    pub(super) fn of(fields: &Fields<'f>) -> Self {
        Self {
            status: fields.nested("Status"),
            device: fields.nested("DeviceDetail"),
            managed_identity: fields.nested("ManagedServiceIdentity"),
            agent: fields.nested("Agent"),
        }
    }
}

fn inner<'n, T: Deserialize<'n>>(nested: Option<&'n str>) -> Part<T> {
    nested.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

impl<'a> SignIn<'a> {
    /// A sign-in in the words of PowerShell or Log Analytics.
    pub(super) fn of(fields: &'a Fields<'_>, nested: &'a Nested<'_>) -> Self {
        Self {
            status: inner(nested.status.as_deref()),
            device_detail: inner(nested.device.as_deref()),
            managed_service_identity: inner(nested.managed_identity.as_deref()),
            agent: inner(nested.agent.as_deref()),
            ..Self::named(fields, |name| name)
        }
    }

    /// A row of the web page's table.
    pub(super) fn of_page(fields: &'a Fields<'_>) -> Self {
        const COLUMNS: &[(&str, &str)] = &[
            ("UserId", "User ID"),
            ("UserPrincipalName", "Username"),
            ("UserDisplayName", "User"),
            ("UserType", "User type"),
            ("AppId", "Application ID"),
            ("AppDisplayName", "Application"),
            ("AppOwnerTenantId", "App owner tenant ID"),
            ("ServicePrincipalId", "Service principal ID"),
            ("ServicePrincipalName", "Service principal name"),
            ("ServicePrincipalCredentialKeyId", "Credential key ID"),
            ("ServicePrincipalCredentialThumbprint", "Credential thumbprint"),
            ("ClientCredentialType", "Client credential type"),
            ("ManagedIdentityType", "Managed Identity type"),
            ("AssociatedResourceId", "Associated Resource Id"),
            ("UniqueTokenIdentifier", "Unique token identifier"),
            ("SessionId", "Session ID"),
            ("IPAddress", "IP address"),
            ("UserAgent", "User agent"),
            ("ResultType", "Sign-in error code"),
            ("ResourceId", "Resource ID"),
            ("ResourceDisplayName", "Resource"),
            ("HomeTenantId", "Home tenant ID"),
            ("ResourceTenantId", "Resource tenant ID"),
            ("CrossTenantAccessType", "Cross tenant access type"),
        ];
        let column = |name| COLUMNS.iter().find(|(field, _)| *field == name).map_or("", |(_, column)| column);
        let mut sign_in = Self::named(fields, column);
        let device = Device { device_id: fields.text("Device ID"), ..Device::default() };
        sign_in.device_detail = Part::of(device);
        sign_in
    }

    fn named(fields: &'a Fields<'_>, name: impl Fn(&'static str) -> &'static str) -> Self {
        let text = |field| fields.text(name(field));
        // In Log Analytics `ResourceId` is the tenant's path in Azure.
        let resource = fields.first(&[name("ResourceIdentity"), name("ResourceId")]);
        let resource = Text::of(resource.filter(|id| !id.starts_with('/')));
        Self {
            id: text("Id"),
            created_date_time: text("CreatedDateTime"),
            user_id: text("UserId"),
            user_principal_name: text("UserPrincipalName"),
            user_display_name: text("UserDisplayName"),
            user_type: text("UserType"),
            app_id: text("AppId"),
            app_display_name: text("AppDisplayName"),
            app_owner_tenant_id: text("AppOwnerTenantId"),
            service_principal_id: text("ServicePrincipalId"),
            service_principal_name: text("ServicePrincipalName"),
            service_principal_credential_key_id: text("ServicePrincipalCredentialKeyId"),
            service_principal_credential_thumbprint: text("ServicePrincipalCredentialThumbprint"),
            client_credential_type: text("ClientCredentialType"),
            federated_credential_id: text("FederatedCredentialId"),
            managed_identity_type: text("ManagedIdentityType"),
            associated_resource_id: text("AssociatedResourceId"),
            unique_token_identifier: text("UniqueTokenIdentifier"),
            session_id: text("SessionId"),
            ip_address: text("IPAddress"),
            user_agent: text("UserAgent"),
            result_type: text("ResultType"),
            resource_id: resource,
            resource_display_name: text("ResourceDisplayName"),
            home_tenant_id: text("HomeTenantId"),
            resource_tenant_id: text("ResourceTenantId"),
            cross_tenant_access_type: text("CrossTenantAccessType"),
            ..Self::default()
        }
    }

    /// The tenant that was signed in to, where the record lets it be told: that of the resource, unless user and
    /// resource are of two tenants, both of which write the sign-in down.
    pub(super) fn tenant(&self) -> Option<String> {
        let resource = self.resource_tenant_id.get().filter(|tenant| entra_names::is_guid(tenant))?;
        let home = self.home_tenant_id.get();
        let crosses = self.cross_tenant_access_type.get().is_none_or(|kind| !kind.eq_ignore_ascii_case("none"));
        let at_home = home.is_some_and(|home| home.eq_ignore_ascii_case(resource));
        (at_home || (!crosses && home.is_none())).then(|| entra_names::lower(resource).into_owned())
    }

    pub(super) fn agent(&self) -> &Agent<'a> {
        const NONE: &Agent<'static> = &Agent {
            agent_type: Text::NONE,
            agent_subject_type: Text::NONE,
            agent_subject_parent_id: Text::NONE,
            parent_app_id: Text::NONE,
        };
        self.agent.get().unwrap_or(NONE)
    }

    pub(super) fn associated_resource(&self) -> Option<&str> {
        let nested = self.managed_service_identity.get().and_then(|identity| identity.associated_resource_id.get());
        nested.or(self.associated_resource_id.get())
    }

    pub(super) fn device(&self) -> (Option<&str>, Option<&str>) {
        self.device_detail.get().map_or((None, None), |device| (device.device_id.get(), device.display_name.get()))
    }

    /// The error code; `0` where there was no error.
    pub(super) fn code(&self) -> Option<&str> {
        self.status.get().and_then(|status| status.error_code.get()).or(self.result_type.get())
    }
}
