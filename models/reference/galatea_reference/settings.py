"""The numbers of a refinement: the manifest's `defaults` for one kind of request."""

from dataclasses import dataclass, replace

from .foreignness import HoldingBack


@dataclass(frozen=True)
class EffectiveSettings:
    """The numbers that hold while a request is refined; names as in the manifest's `defaults` (docs/pack.md).

    Attributes:
        kind: of the request: "image", "prompt" or "light".
        steps: budget of gradient steps.
        weights: of the guidances by name, those that the pack brings included.
        layers: factors `[L]` on the learning rate of the layers of W+.
        side_yaw, side_pitch: greatest angles of side views, radians.
        side_steps: steps that share one side view under `dds`.
    """

    kind: str
    steps: int
    weights: dict[str, float]
    learning_rate: float
    warmup: float
    cooldown: float
    timesteps: tuple[float, float]
    guidance_scale: float
    side_yaw: float
    side_pitch: float
    side_steps: int
    layers: list[float]
    distillation: str = "sds"
    mask: dict | None = None
    balance: dict | None = None
    holding_back: HoldingBack | None = None

    @staticmethod
    def of(manifest: dict, kind: str, **changes) -> "EffectiveSettings":
        """The manifest's numbers for a kind of request, with changes.

        Args:
            manifest: of a pack.
            kind: "image", "prompt" or "light".
            changes: attributes to replace; `weights` may hold some guidances, and the others keep theirs.
        """
        defaults, camera = manifest["defaults"], manifest["camera"]
        rate = defaults["learning_rate"]
        brought = {
            name: guidance.get("weights", {}).get(kind, 0.0) for name, guidance in manifest.get("guidances", {}).items()
        }
        settings = EffectiveSettings(
            kind=kind,
            steps=defaults["steps"][kind],
            weights=defaults["weights"][kind] | brought,
            learning_rate=rate[kind] if isinstance(rate, dict) else rate,
            side_yaw=camera["side_yaw"],
            side_pitch=camera["side_pitch"],
            side_steps=camera.get("side_steps", 1),
            layers=defaults.get("layers", {}).get(kind, [1.0] * manifest["latent"]["layers"]),
            distillation=defaults.get("distillation", "sds"),
            mask=defaults.get("mask"),
            balance=defaults.get("balance"),
            holding_back=HoldingBack(**defaults["holding_back"]) if "holding_back" in defaults else None,
            **{name: defaults[name] for name in ("warmup", "cooldown", "timesteps", "guidance_scale")},
        )
        if "weights" in changes:
            changes["weights"] = settings.weights | changes["weights"]
        return replace(settings, **changes)

    def weight(self, guidance: str) -> float:
        """Weight of a guidance; 0 where the manifest names none."""
        return self.weights.get(guidance, 0.0)
