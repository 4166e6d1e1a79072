"""How endpoints are named in the OpenAPI document: stable names that two apps cannot both take."""

from drf_spectacular.openapi import AutoSchema


class Schema(AutoSchema):
    """A GET of a path that ends with an id is `…_retrieve`, any other `…_list`; a body's name begins with its app's."""

    def get_operation_id(self):
        name = super().get_operation_id()
        ends_with_id = self.path.rstrip("/").endswith("}")
        if self.method == "GET" and not ends_with_id and name.endswith("_retrieve"):
            return f"{name.removesuffix('_retrieve')}_list"
        return name

    def _get_serializer_name(self, serializer, direction, bypass_extensions=False):
        name = super()._get_serializer_name(serializer, direction, bypass_extensions)
        app = type(serializer).__module__.split(".")[0].capitalize()
        return name if not name or name.startswith(app) else f"{app}{name}"
