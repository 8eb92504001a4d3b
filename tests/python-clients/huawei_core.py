"""Calls of the IAM operations with the vendor's official Python core, unmodified.

Reads one JSON object from standard input (url, region, accessKeyId, secretAccessKey, domainName) and prints one with what it saw.
It fails, with the client's own words, where the client does not take an answer.
"""

import json
import sys

from huaweicloudsdkcore.auth.credentials import BasicCredentials, GlobalCredentials
from huaweicloudsdkcore.client import Client, ClientBuilder
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkcore.sdk_response import SdkResponse
from huaweicloudsdkcore.signer.algorithm import SigningAlgorithm

given = json.load(sys.stdin)
url, region_id = given["url"], given["region"]


class Answer(SdkResponse):
    """What an operation answers, as the client's generated packages describe it, except that every field is taken as it is."""

    openapi_types = {}
    attribute_map = {}


def http_config(algorithm):
    config = HttpConfig.get_default_config()
    config.signing_algorithm = algorithm
    return config


def build(credentials, algorithm=SigningAlgorithm.HMAC_SHA256, region=None):
    builder = ClientBuilder(Client, type(credentials).__name__).with_credentials(credentials)
    builder = builder.with_http_config(http_config(algorithm))
    client = (builder.with_region(region) if region else builder.with_endpoint(url)).build()
    client.model_package = sys.modules[__name__]
    return client


def basic(secret=given["secretAccessKey"], project_id=None):
    return BasicCredentials(given["accessKeyId"], secret, project_id).with_iam_endpoint(url)


def call(client, method, path, query=None, body=None, headers=None):
    header_params = {"Content-Type": "application/json;charset=utf8", **(headers or {})}
    response = client.do_http_request(
        method, path, query_params=query or [], header_params=header_params, body=body, response_type="Answer"
    )
    return {"status": response.status_code, "body": response.to_json_object()}


def refusal(work):
    try:
        work()
    except ClientRequestException as error:
        return {"status": error.status_code, "code": error.error_code, "message": error.error_msg, "id": error.request_id}
    raise SystemExit("The call was not refused.")


def discovered_project():
    """Without a project id the client asks IAM for the one that is named like its region."""
    credentials = basic()
    client = build(credentials, region=Region(region_id, url))
    listed = call(client, "GET", "/v3/projects", query=[("name", region_id)])
    return {"projectId": credentials.project_id, "listed": listed}


def discovered_domain():
    credentials = GlobalCredentials(given["accessKeyId"], given["secretAccessKey"]).with_iam_endpoint(url)
    client = build(credentials, region=Region(region_id, url))
    return {"domainId": credentials.domain_id, "domains": call(client, "GET", "/v3/auth/domains")}


def token_request(identity):
    return {"auth": {"identity": identity, "scope": {"project": {"name": region_id}}}}


def every_operation(algorithm):
    client = build(basic(), algorithm)
    key = {"access": {"key": given["accessKeyId"]}, "secret": {"key": given["secretAccessKey"]}}
    name = "python-" + algorithm.name.lower().replace("_", "-")
    return {
        "projects": call(client, "GET", "/v3/projects", query=[("name", region_id), ("enabled", True)]),
        "authProjects": call(client, "GET", "/v3/auth/projects"),
        "domains": call(client, "GET", "/v3/auth/domains"),
        "regions": call(client, "GET", "/v3/regions"),
        "created": call(client, "POST", "/v3/projects", body={"project": {"name": name, "description": "caf\u00e9 \u94fe"}}),
        "token": call(client, "POST", "/v3/auth/tokens", body=token_request({"methods": ["hw_ak_sk"], "hw_ak_sk": key})),
    }


# The client's cache of project ids is keyed by access key and region, so the discovery comes first.
print(
    json.dumps(
        {
            "project": discovered_project(),
            "domain": discovered_domain(),
            "sha256": every_operation(SigningAlgorithm.HMAC_SHA256),
            "sm3": every_operation(SigningAlgorithm.HMAC_SM3),
            "wrongSecret": refusal(lambda: call(build(basic("wrong", "1" * 32)), "GET", "/v3/projects")),
            "unknownApi": refusal(lambda: call(build(basic()), "GET", "/v3/nothing")),
            "nameTaken": refusal(
                lambda: call(build(basic()), "POST", "/v3/projects", body={"project": {"name": region_id}})
            ),
            "malformed": refusal(lambda: call(build(basic()), "GET", "/v3/projects", query=[("per_page", "many")])),
        }
    )
)
