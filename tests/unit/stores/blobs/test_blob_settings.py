import pytest

from stores.blobs.settings import BlobSettings


def test_a_folder_needs_nothing_but_its_place() -> None:
    settings = BlobSettings.from_environment({"TALLYBOOK_BLOBS": "/srv/blobs"})
    assert (settings.address, settings.options) == ("/srv/blobs", {})


def test_a_bucket_of_another_server_is_named_whole() -> None:
    settings = BlobSettings.from_environment({
        "TALLYBOOK_BLOBS": "s3://bucket/prefix",
        "TALLYBOOK_BLOBS_ENDPOINT": "http://s3:9000",
        "TALLYBOOK_BLOBS_REGION": "eu-1",
        "TALLYBOOK_BLOBS_ACCESS_KEY": "key",
        "TALLYBOOK_BLOBS_SECRET_KEY": "secret",
    })  # fmt: skip
    assert settings.options == {
        "key": "key",
        "secret": "secret",
        "client_kwargs": {"endpoint_url": "http://s3:9000", "region_name": "eu-1"},
    }


@pytest.mark.parametrize("environment", [{}, {"TALLYBOOK_BLOBS": ""}])
def test_the_place_must_be_named(environment: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="TALLYBOOK_BLOBS"):
        BlobSettings.from_environment(environment)
